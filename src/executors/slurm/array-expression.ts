// Array expressions, `0-9:3,12,20-22%5`: text to numbers and back, as short as it gets. Not job ids (job-id.ts), no limits of sites.

export interface ArrayExpression {
  /** Ascending, each once: SLURM accepts `1,1,2` and makes two tasks. */
  readonly tasks: readonly number[];
  /** `%5`: at most so many run at once. Absent: no limit of its own. */
  readonly throttle?: number;
}

export interface Form {
  /** `0-9:3`. scancel 22.05 expands lists as host names where it has filters to apply, and knows no steps then. */
  readonly steps?: boolean;
}

/** MaxArraySize of SLURM is at most 4,000,001; more numbers than that come from a damaged text. */
const MOST = 4_000_001;
const PIECE = /^(\d+)(?:-(\d+)(?::([1-9]\d*))?)?$/;

/**
 * Undefined where the text is not a whole expression: without SLURM_BITSTR_LEN=0 SLURM 22.05 cuts it at 64 characters, either
 * with dots (`57-58,...`: scontrol, sacct) or without a mark (squeue). A cut number cannot be told, a missing bracket can: see job-id.ts.
 */
export function parseArray(text: string): ArrayExpression | undefined {
  const [list, throttle, ...rest] = text.split("%");
  if (rest.length > 0 || (throttle !== undefined && !/^\d+$/.test(throttle))) return undefined;
  const tasks: number[] = [];
  for (const piece of list!.split(",")) {
    const match = PIECE.exec(piece);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    const step = Number(match[3] ?? 1);
    if (last < first || tasks.length + (last - first) / step > MOST) return undefined;
    for (let task = first; task <= last; task += step) tasks.push(task);
  }
  const limit = Number(throttle ?? 0);
  return { tasks: [...new Set(tasks)].sort((a, b) => a - b), ...(limit > 0 ? { throttle: limit } : {}) };
}

/** The shortest expression made of runs of neighbours in the list. @param tasks ascending, each once */
export function formatArray(
  tasks: readonly number[],
  { throttle, ...form }: Form & { throttle?: number } = {},
): string {
  const list = pieces(tasks, form)
    .map(({ text }) => text)
    .join(",");
  return throttle === undefined ? list : `${list}%${throttle}`;
}

/** Expressions of at most `most` characters each (a piece has at most 23), in order; together they name every task once. */
export function splitArray(tasks: readonly number[], most: number, form: Form = {}): readonly string[] {
  const parts: string[] = [];
  let part = "";
  for (const { text } of pieces(tasks, form)) {
    if (part !== "" && part.length + 1 + text.length > most) {
      parts.push(part);
      part = "";
    }
    part = part === "" ? text : `${part},${text}`;
  }
  return part === "" ? parts : [...parts, part];
}

interface Piece {
  readonly text: string;
  readonly count: number;
}

/**
 * Cheapest[i] is the length of the shortest text for tasks[i...]. Two neighbouring runs of different steps share one task at
 * most, so that of every run only its whole length, one less, and its first task alone need be tried.
 */
function pieces(tasks: readonly number[], { steps = true }: Form): readonly Piece[] {
  const runs = runLengths(tasks, steps);
  const cheapest = new Array<number>(tasks.length + 1).fill(0);
  const chosen = new Array<number>(tasks.length).fill(1);
  for (let i = tasks.length - 1; i >= 0; i--) {
    let best = Infinity;
    for (const count of new Set([runs[i]!, Math.max(1, runs[i]! - 1), 1])) {
      const separator = i + count < tasks.length ? 1 : 0;
      const cost = piece(tasks, i, count).length + separator + cheapest[i + count]!;
      if (cost >= best) continue;
      best = cost;
      chosen[i] = count;
    }
    cheapest[i] = best;
  }
  const result: Piece[] = [];
  for (let i = 0; i < tasks.length; i += chosen[i]!)
    result.push({ text: piece(tasks, i, chosen[i]!), count: chosen[i]! });
  return result;
}

/** How many tasks from each on have the same step. */
function runLengths(tasks: readonly number[], steps: boolean): readonly number[] {
  const runs = new Array<number>(tasks.length).fill(1);
  for (let i = tasks.length - 2; i >= 0; i--) {
    const step = tasks[i + 1]! - tasks[i]!;
    if (step !== 1 && !steps) continue;
    runs[i] = runs[i + 1]! > 1 && tasks[i + 2]! - tasks[i + 1]! === step ? runs[i + 1]! + 1 : 2;
  }
  return runs;
}

function piece(tasks: readonly number[], from: number, count: number): string {
  const first = tasks[from]!;
  if (count === 1) return String(first);
  const last = tasks[from + count - 1]!;
  const step = (last - first) / (count - 1);
  if (count === 2) return step === 1 ? `${first}-${last}` : `${first},${last}`;
  return step === 1 ? `${first}-${last}` : `${first}-${last}:${step}`;
}
