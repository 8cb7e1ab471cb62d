// The file of a saved plan: one line that says what it is (format, tool, checksum and length of the rest), then a gzip of a JSON record and
// of columns. What is in it: saved-plan.ts. A damaged file is refused before anything of it is used.
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { fail } from "../diagnostics/diagnostic.ts";
import { aligned, columnReader, lengthOf, tableBytes, tableFromBytes, type TableIndex } from "../expand/table-bytes.ts";
import { IR_VERSION } from "../ir/campaign.ts";
import { sha256 } from "../ir/canonical.ts";
import { TOOL_VERSION } from "../ir/version.ts";
import type { FrozenPlan } from "../plan/frozen.ts";
import { ACTIONS, type Batch, type Detail, REASONS } from "../plan/types.ts";
import { replaceFile } from "../state/replace-file.ts";
import type { SavedPlan } from "./saved-plan.ts";

const MAGIC = "cmc-plan ";
/** Raised when a reader of version n would misread version n+1. */
const FORMAT = 1;
/** Level 3 is twice as fast as 6 and a tenth larger. */
const LEVEL = 3;

interface PlanRecord extends Omit<SavedPlan, "table" | "plan"> {
  readonly tableIndex: TableIndex;
  readonly plan: PlanIndex;
  /** Names of the codes in the columns: another version may have more. */
  readonly actions: readonly string[];
  readonly reasons: readonly string[];
}

interface PlanIndex extends Pick<FrozenPlan, "forget" | "summary" | "partial" | "inputs"> {
  readonly batches: readonly { readonly id: string; readonly stage: string; readonly jobs: number }[];
  /** Each once; rows share them. */
  readonly details: readonly (readonly Detail[])[];
  readonly moves: readonly Entry<FrozenPlan["moves"]>[];
  readonly renamed: readonly Entry<FrozenPlan["renamed"]>[];
  /** Lengths of its columns, which follow those of the table. */
  readonly lengths: readonly number[];
}

type Entry<M> = M extends ReadonlyMap<infer K, infer V> ? readonly [K, V] : never;

export interface PlanFile {
  readonly saved: SavedPlan;
  /** sha256 of all that follows the first line: names this plan for ever, because it says who made it and when. */
  readonly id: string;
}

/** True for a file that begins as a saved plan does, whole or not. */
export function isPlanFile(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  const head = Buffer.alloc(MAGIC.length);
  try {
    const fd = openSync(path, "r");
    try {
      readSync(fd, head);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
  return head.toString("latin1") === MAGIC;
}

export function writePlanFile(path: string, saved: SavedPlan): { readonly id: string; readonly bytes: number } {
  const { id, bytes } = encodePlan(saved);
  replaceFile(path, bytes);
  return { id, bytes: bytes.byteLength };
}

/** Throws plan/file or plan/file-version. `shown`: how the file is called. */
export function readPlanFile(path: string, shown: string): PlanFile {
  return decodePlan(readFileSync(path), shown);
}

export function encodePlan(saved: SavedPlan): { readonly id: string; readonly bytes: Buffer } {
  const { table, plan, ...rest } = saved;
  const { index, columns } = tableBytes(table);
  const { pool, refs } = pooled(plan.details);
  const own = [
    plan.action,
    plan.reason,
    plan.attempts,
    ...plan.batches.map(({ rows }) => rows),
    refs,
  ].map(bytesOf); // prettier-ignore
  const record: PlanRecord = {
    ...rest,
    tableIndex: index,
    plan: {
      forget: plan.forget,
      summary: plan.summary,
      partial: plan.partial,
      inputs: plan.inputs,
      batches: plan.batches.map(({ id, stage, rows }) => ({ id, stage, jobs: rows.length })),
      details: pool,
      moves: [...plan.moves],
      renamed: [...plan.renamed],
      lengths: own.map(lengthOf),
    },
    actions: ACTIONS,
    reasons: REASONS,
  };
  const json = Buffer.from(JSON.stringify(record));
  const size = Buffer.from(Uint32Array.of(json.byteLength).buffer);
  const body = gzipSync(Buffer.concat(aligned([size, json, ...columns, ...own])), { level: LEVEL });
  const id = sha256(body);
  return { id, bytes: Buffer.concat([Buffer.from(`${MAGIC}${FORMAT} ${TOOL_VERSION} ${id} ${body.byteLength}\n`), body]) }; // prettier-ignore
}

export function decodePlan(bytes: Buffer, shown: string): PlanFile {
  const { id, body, tool } = checked(bytes, shown);
  const raw = gunzipSync(body);
  const json = raw.subarray(4, 4 + raw.readUInt32LE(0));
  const record = JSON.parse(json.toString()) as PlanRecord;
  const { tableIndex, plan: index, actions, reasons, ...rest } = record;
  if (rest.ir.irVersion > IR_VERSION) newer(shown, tool);
  const next = columnReader(raw, [4, json.byteLength, ...tableIndex.lengths, ...index.lengths]);
  next();
  next();
  const table = tableFromBytes(rest.ir, tableIndex, next);
  const codes = (names: readonly string[], known: readonly string[]) => {
    const code = names.map((name) => known.indexOf(name));
    return Uint8Array.from(next(), (i) => (code[i]! < 0 ? newer(shown, tool) : code[i]!));
  };
  const action = codes(actions, ACTIONS);
  const reason = codes(reasons, REASONS);
  const attempts = numbers(next());
  const batches = index.batches.map(({ id: name, stage }): Batch => ({ id: name, stage, rows: numbers(next()) }));
  const details = unpooled(index.details, numbers(next()));
  const { forget, summary, partial, inputs } = index;
  const [moves, renamed] = [new Map(index.moves), new Map(index.renamed)];
  const plan = { table, action, reason, details, forget, batches, moves, renamed, summary, partial, attempts, inputs };
  return { saved: { ...rest, table, plan }, id };
}

function checked(bytes: Buffer, shown: string): { id: string; body: Buffer; tool: string } {
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC))) refuse(`${shown} is no saved plan`);
  const end = bytes.indexOf("\n");
  const line = bytes.toString("latin1", MAGIC.length, end < 0 ? 0 : end);
  const [, format, tool, id, length] = /^(\d+) (\S+) ([0-9a-f]{64}) (\d+)$/.exec(line) ?? [];
  // Only the format is promised to stay where it is.
  if (Number(/^\d+/.exec(line)?.[0]) > FORMAT) newer(shown, /^\d+ (\S+)/.exec(line)?.[1]);
  if (id === undefined || Number(format) !== FORMAT) refuse(`${shown}: its first line is damaged`);
  const body = bytes.subarray(end + 1);
  if (body.byteLength < Number(length)) refuse(`${shown} is cut off: ${body.byteLength} of ${length} bytes follow its first line`); // prettier-ignore
  if (body.byteLength > Number(length)) refuse(`${shown} goes on behind its end, ${length} bytes after its first line`); // prettier-ignore
  if (sha256(body) !== id) refuse(`${shown} is damaged: its content does not match the checksum in its first line`);
  return { id, body, tool: tool! };
}

function refuse(message: string): never {
  return fail({ code: "plan/file", message });
}

function newer(shown: string, tool: string | undefined): never {
  const by = tool === undefined ? "a newer cmc" : `cmc ${tool}`;
  return fail({ code: "plan/file-version", message: `${shown} was saved by ${by}, in a form that cmc ${TOOL_VERSION} does not know` }); // prettier-ignore
}

/** Pairs of row and place in the pool. */
function pooled(details: FrozenPlan["details"]): { pool: (readonly Detail[])[]; refs: Uint32Array } {
  const pool: (readonly Detail[])[] = [];
  const places = new Map<readonly Detail[], number>();
  const refs = new Uint32Array(details.size * 2);
  let at = 0;
  for (const [row, list] of details) {
    let place = places.get(list);
    if (place === undefined) places.set(list, (place = pool.push(list) - 1));
    refs[at++] = row;
    refs[at++] = place;
  }
  return { pool, refs };
}

function unpooled(pool: readonly (readonly Detail[])[], refs: Uint32Array): Map<number, readonly Detail[]> {
  const details = new Map<number, readonly Detail[]>();
  for (let i = 0; i < refs.length; i += 2) details.set(refs[i]!, pool[refs[i + 1]!]!);
  return details;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

function numbers({ buffer, byteOffset, byteLength }: Buffer): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}
