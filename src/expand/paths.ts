// Output paths of all jobs: inside the campaign root, and no two in each other's way. Works on the columns' bytes; a million take a second.
import type { TextColumn } from "./column.ts";
import type { StageTable } from "./table.ts";

export interface PathAt {
  readonly stage: StageTable;
  readonly output: number;
  readonly index: number;
}

export interface BadPath {
  readonly at: PathAt;
  readonly path: string;
  readonly why: string;
  /** How many paths of this output are bad. */
  readonly count: number;
}

export interface SharedPath {
  readonly first: PathAt;
  readonly second: PathAt;
  /** `second` lies inside the folder that `first` is or would have to be. */
  readonly inside: boolean;
}

/** An output folder of cmc itself. */
export const RESERVED = ["metadata", "journal", "claims", "staging", "logs"] as const;

const BAD = new RegExp(`(^|/)\\.{0,2}(/|$)|[\\u0000-\\u001f\\u007f\\\\\\uE0C1\\uE0C2]|^(${RESERVED.join("|")})(/|$)`);

export function badPaths(stages: readonly StageTable[]): BadPath[] {
  const found: BadPath[] = [];
  for (const stage of stages)
    stage.outputs.forEach((column, output) => {
      let first: BadPath | undefined;
      let count = 0;
      for (let index = 0; index < stage.count; index++) {
        const path = column.at(index);
        if (!BAD.test(path) && !tooLong(path)) continue;
        first ??= { at: { stage, output, index }, path, why: whyBad(path), count: 0 };
        count += 1;
      }
      if (first) found.push({ ...first, count });
    });
  return found;
}

/** NAME_MAX is 255 on every file system met so far; the root's own path needs room in PATH_MAX. */
function tooLong(path: string): boolean {
  return path.length > 200 && (path.length > 1000 || path.split("/").some((part) => Buffer.byteLength(part) > 200));
}

function whyBad(path: string): string {
  if (path === "") return "is empty";
  if (path.startsWith("/")) return "is absolute";
  if (/(^|\/)\.\.(\/|$)/.test(path)) return 'contains ".."';
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f\uE0C1\uE0C2]/.test(path)) return "contains a control character";
  if (path.includes("\\")) return "contains a backslash";
  const own = RESERVED.find((folder) => path === folder || path.startsWith(`${folder}/`));
  if (own) return `lies in ${own}/, which cmc keeps for itself`;
  return tooLong(path) ? "is too long for a file system" : 'has an empty or "." part';
}

/** First clash found, in row order; undefined when there is none. */
export function sharedPath(stages: readonly StageTable[]): SharedPath | undefined {
  const columns = stages.flatMap((stage) => stage.outputs.map((column, output) => ({ stage, output, column })));
  const starts: number[] = [];
  let total = 0;
  for (const { stage } of columns) {
    starts.push(total);
    total += stage.count;
  }
  const bits = Math.max(8, Math.ceil(Math.log2(total * 2 + 1)));
  const slots = new Int32Array(2 ** bits).fill(-1);
  const columnOf = (id: number): number => {
    let [low, high] = [0, columns.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= id) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const place = (id: number): PathAt => {
    const c = columnOf(id);
    return { stage: columns[c]!.stage, output: columns[c]!.output, index: id - starts[c]! };
  };
  /** Id of the path equal to the first `length` bytes; otherwise enters `id` when it is given. */
  const find = (bytes: Uint8Array, from: number, length: number, hash: number, id: number): number => {
    for (let slot = (hash >>> 0) & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const other = slots[slot]!;
      if (other < 0) {
        if (id >= 0) slots[slot] = id;
        return -1;
      }
      const c = columnOf(other);
      if (equalBytes(columns[c]!.column, other - starts[c]!, bytes, from, length)) return other;
    }
  };

  for (let c = 0; c < columns.length; c++) {
    const { bytes, offsets } = columns[c]!.column.parts();
    for (let i = 0; i < columns[c]!.stage.count; i++) {
      const [from, to] = [offsets[i]!, offsets[i + 1]!];
      let hash = FNV_OFFSET;
      for (let b = from; b < to; b++) hash = step(hash, bytes[b]!);
      const other = find(bytes, from, to - from, mix(hash), starts[c]! + i);
      if (other >= 0) return { first: place(other), second: place(starts[c]! + i), inside: false };
    }
  }
  for (let c = 0; c < columns.length; c++) {
    const { bytes, offsets } = columns[c]!.column.parts();
    for (let i = 0; i < columns[c]!.stage.count; i++) {
      const [from, to] = [offsets[i]!, offsets[i + 1]!];
      let hash = FNV_OFFSET;
      for (let b = from; b < to; b++) {
        if (bytes[b] === SLASH) {
          const other = find(bytes, from, b - from, mix(hash), -1);
          if (other >= 0) return { first: place(other), second: place(starts[c]! + i), inside: true };
        }
        hash = step(hash, bytes[b]!);
      }
    }
  }
  return undefined;
}

const SLASH = 47;
const FNV_OFFSET = 0x811c9dc5 | 0;

function step(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** FNV's low bits are weak for texts that differ in their last digits. */
function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  return Math.imul(h, 0x846ca68b) ^ (h >>> 16);
}

function equalBytes(column: TextColumn, index: number, bytes: Uint8Array, from: number, length: number): boolean {
  const other = column.bytesAt(index);
  if (other.length !== length) return false;
  for (let i = 0; i < length; i++) if (other[i] !== bytes[from + i]) return false;
  return true;
}
