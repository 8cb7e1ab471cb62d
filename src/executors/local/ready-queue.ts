// Jobs that may start, in the order they should: later stages first, then plan order. A heap a stage.
import type { JobTable } from "../../expand/table.ts";

/**
 * Later stages first, because a job that is ready there finishes something (an ensemble, a covariance) that people wait for, and
 * is often the long one; within a stage the order of the plan, which is the order of the axes.
 */
export class ReadyQueue {
  private readonly heaps: Heap[];
  private readonly stageOf: (row: number) => number;
  private count = 0;

  /** `order` is the place of a row in the plan. */
  constructor(table: JobTable, order: Uint32Array) {
    this.heaps = table.stages.map(() => new Heap(order));
    const firsts = table.stages.map((stage) => stage.first);
    this.stageOf = (row) => {
      let stage = firsts.length - 1;
      while (row < firsts[stage]!) stage -= 1;
      return stage;
    };
  }

  get size(): number {
    return this.count;
  }

  push(row: number): void {
    this.heaps[this.stageOf(row)]!.push(row);
    this.count += 1;
  }

  /** The first row of each stage that has one, best first; the first that `fits` is taken. */
  take(fits: (row: number) => boolean): number | undefined {
    for (let stage = this.heaps.length - 1; stage >= 0; stage--) {
      const heap = this.heaps[stage]!;
      const row = heap.first;
      if (row === undefined || !fits(row)) continue;
      heap.pop();
      this.count -= 1;
      return row;
    }
    return undefined;
  }
}

class Heap {
  private readonly rows: number[] = [];

  constructor(private readonly order: Uint32Array) {}

  get first(): number | undefined {
    return this.rows[0];
  }

  push(row: number): void {
    const { rows } = this;
    let at = rows.length;
    rows.push(row);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(row, rows[parent]!)) break;
      rows[at] = rows[parent]!;
      at = parent;
    }
    rows[at] = row;
  }

  pop(): void {
    const { rows } = this;
    const last = rows.pop()!;
    if (rows.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= rows.length) break;
      if (child + 1 < rows.length && this.before(rows[child + 1]!, rows[child]!)) child += 1;
      if (!this.before(rows[child]!, last)) break;
      rows[at] = rows[child]!;
      at = child;
    }
    rows[at] = last;
  }

  private before(a: number, b: number): boolean {
    return this.order[a]! < this.order[b]!;
  }
}
