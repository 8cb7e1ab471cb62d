// Which jobs may start: counts what their inputs still wait for, job by job and group by group. Pure; knows nothing of workers or time.
import { type InputColumn, type JobTable, keyOfRow, type StageTable, upstreamRows } from "../../expand/table.ts";

const ABSENT = 0;
const PENDING = 1;
const DONE = 2;
const DEAD = 3;

export interface Movement {
  /** Rows that may start now. */
  readonly ready: readonly number[];
  /** Rows that can never start in this run, with the row that is to blame. */
  readonly blocked: readonly { readonly row: number; readonly by: number }[];
}

/** One edge input of one stage. A unit is what is waited for as one: an upstream job (each) or a group (all, quorum). */
interface Edge {
  readonly stage: StageTable;
  readonly column: InputColumn;
  readonly quorum: boolean;
  /** Units by upstream row, relative to `firstUpstream`. */
  readonly unitsOf: Lists;
  readonly firstUpstream: number;
  /** Jobs of the stage by unit, as indices within the stage. */
  readonly jobsOf: Lists;
  readonly done: Uint32Array;
  readonly dead: Uint32Array;
  readonly total: Uint32Array;
  readonly needed: Uint32Array;
  /** 0 waiting, 1 satisfied, 2 impossible. */
  readonly settled: Uint8Array;
}

export class Readiness {
  private readonly status: Uint8Array;
  /** Edges of a job that are not satisfied yet. */
  private readonly waiting: Uint8Array;
  private readonly edges: readonly Edge[];

  /** `kept`: has a valid receipt already. `planned`: to be run. Everything else is not available. */
  constructor(
    private readonly table: JobTable,
    kept: (row: number) => boolean,
    planned: readonly Uint32Array[],
  ) {
    this.status = new Uint8Array(table.count).fill(ABSENT);
    this.waiting = new Uint8Array(table.count);
    for (let row = 0; row < table.count; row++) if (kept(row)) this.status[row] = DONE;
    for (const rows of planned) for (const row of rows) this.status[row] = PENDING;
    this.edges = table.stages
      .filter((stage) => hasPending(stage, this.status))
      .flatMap((stage) => edgesOf(table, stage));
  }

  /** To be called once, before anything is finished. */
  start(): Movement {
    const movement = { ready: [] as number[], blocked: [] as { row: number; by: number }[] };
    for (const edge of this.edges)
      for (let unit = 0; unit < edge.total.length; unit++)
        for (const job of edge.jobsOf.of(unit)) this.waiting[edge.stage.first + job]! += 1;
    for (const edge of this.edges)
      for (let i = 0; i < edge.unitsOf.length; i++) {
        const status = this.status[edge.firstUpstream + i]!;
        // What is blocked meanwhile has spread already.
        if (status === PENDING || status === DEAD) continue;
        for (const unit of edge.unitsOf.of(i))
          this.count(edge, unit, status === DONE, edge.firstUpstream + i, movement);
      }
    const ready: number[] = [];
    for (let row = 0; row < this.status.length; row++)
      if (this.status[row] === PENDING && this.waiting[row] === 0) ready.push(row);
    return { ready, blocked: movement.blocked };
  }

  finished(row: number): Movement {
    return this.settle(row, true);
  }

  /** Finally: no more tries. */
  failed(row: number): Movement {
    return this.settle(row, false);
  }

  /** Keys of upstream jobs without receipts at quorum ports of a ready job. */
  omitted(row: number): string[] {
    const keys: string[] = [];
    for (const edge of this.edges) {
      const index = row - edge.stage.first;
      if (!edge.quorum || index < 0 || index >= edge.stage.count) continue;
      for (const upstream of upstreamRows(edge.column, index))
        if (this.status[upstream] !== DONE) keys.push(keyOfRow(this.table, upstream));
    }
    return keys;
  }

  private settle(row: number, done: boolean): Movement {
    const movement = { ready: [] as number[], blocked: [] as { row: number; by: number }[] };
    this.status[row] = done ? DONE : DEAD;
    this.spread(row, done, movement);
    return movement;
  }

  private spread(row: number, done: boolean, movement: Moving): void {
    for (const edge of this.edges) {
      const i = row - edge.firstUpstream;
      if (i < 0 || i >= edge.unitsOf.length) continue;
      for (const unit of edge.unitsOf.of(i)) this.count(edge, unit, done, row, movement);
    }
  }

  private count(edge: Edge, unit: number, done: boolean, row: number, movement: Moving): void {
    (done ? edge.done : edge.dead)[unit]! += 1;
    if (edge.settled[unit] !== 0) return;
    const [got, lost, total, needed] = [edge.done[unit]!, edge.dead[unit]!, edge.total[unit]!, edge.needed[unit]!];
    // A quorum waits until nothing more can come: more members make a better result than an earlier one.
    if (got >= needed && got + lost === total) {
      edge.settled[unit] = 1;
      for (const job of edge.jobsOf.of(unit)) {
        const of = edge.stage.first + job;
        this.waiting[of]! -= 1;
        if (this.waiting[of] === 0 && this.status[of] === PENDING) movement.ready.push(of);
      }
    } else if (total - lost < needed) {
      edge.settled[unit] = 2;
      for (const job of edge.jobsOf.of(unit)) this.block(edge.stage.first + job, row, movement);
    }
  }

  private block(row: number, by: number, movement: Moving): void {
    if (this.status[row] !== PENDING) return;
    this.status[row] = DEAD;
    movement.blocked.push({ row, by });
    this.spread(row, false, movement);
  }
}

type Moving = { ready: number[]; blocked: { row: number; by: number }[] };

function hasPending(stage: StageTable, status: Uint8Array): boolean {
  return status.subarray(stage.first, stage.first + stage.count).includes(PENDING);
}

function edgesOf(table: JobTable, stage: StageTable): Edge[] {
  return stage.stage.inputs.flatMap((input, i) => {
    const column = stage.inputs[i]!;
    if (input.kind !== "edge" || column.kind === "paths") return [];
    const upstream = table.stages.find((candidate) => candidate.stage.name === input.from.stage)!;
    const units = column.kind === "each" ? stage.count : column.starts.length - 1;
    const members = (unit: number): Uint32Array =>
      column.kind === "each"
        ? column.row.subarray(unit, unit + 1)
        : column.members.subarray(column.starts[unit]!, column.starts[unit + 1]!);
    const total = Uint32Array.from({ length: units }, (_, unit) => members(unit).length);
    const quorum = input.join === "quorum";
    // 1e-9: a fraction such as 0.95 times 20 is 19.000000000000004 in binary.
    const needed = total.map((count) => (quorum ? Math.ceil((input.fraction ?? 1) * count - 1e-9) : count));
    const unitOfJob = (job: number): number => (column.kind === "each" ? job : column.group[job]!);
    const jobsOf = Lists.invert(units, stage.count, (job, add) => add(unitOfJob(job)));
    const unitsOf = Lists.invert(upstream.count, units, (unit, add) =>
      members(unit).forEach((row) => add(row - upstream.first)),
    );
    const zeros = (): Uint32Array => new Uint32Array(units);
    return [
      {
        stage,
        column,
        quorum,
        unitsOf,
        firstUpstream: upstream.first,
        jobsOf,
        done: zeros(),
        dead: zeros(),
        total,
        needed,
        settled: new Uint8Array(units),
      },
    ];
  });
}

/** Lists of numbers, packed: a million short lists without a million arrays. */
class Lists {
  private constructor(
    private readonly starts: Uint32Array,
    private readonly items: Uint32Array,
  ) {}

  get length(): number {
    return this.starts.length - 1;
  }

  of(i: number): Uint32Array {
    return this.items.subarray(this.starts[i]!, this.starts[i + 1]!);
  }

  /** For every item 0..items-1, `targets` names the lists it belongs to. */
  static invert(lists: number, items: number, targets: (item: number, add: (list: number) => void) => void): Lists {
    const starts = new Uint32Array(lists + 1);
    for (let item = 0; item < items; item++) targets(item, (list) => (starts[list + 1]! += 1));
    for (let list = 0; list < lists; list++) starts[list + 1]! += starts[list]!;
    const next = starts.slice(0, lists);
    const packed = new Uint32Array(starts[lists]!);
    for (let item = 0; item < items; item++) targets(item, (list) => (packed[next[list]!++] = item));
    return new Lists(starts, packed);
  }
}
