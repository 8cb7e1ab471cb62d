// How often each job was tried, in earlier runs and in this one: number of the next attempt, failures that count, workers lost under it.
import { type JobTable, keyOfRow, recipeOf, stageOfRow } from "../../expand/table.ts";
import type { Failure } from "../retry.ts";
import { failuresOf, nextAttempt } from "../../state/job-state.ts";
import type { State } from "../../state/reduce.ts";

export interface Tries {
  readonly key: string;
  attempt: number;
  readonly failures: Failure[];
  /** Times a worker died under it in this run. */
  lost: number;
  /** Times it gave way with a checkpoint in this run. */
  checkpoints: number;
}

export class JobTries {
  private readonly known = new Map<number, Tries>();

  constructor(
    private readonly table: JobTable,
    private readonly state: State,
  ) {}

  of(row: number): Tries {
    const known = this.known.get(row);
    if (known) return known;
    const key = keyOfRow(this.table, row);
    const job = this.state.jobs.get(key);
    const stage = stageOfRow(this.table, row);
    const before = job ? failuresOf(job, recipeOf(stage, row - stage.first).digest) : [];
    const tries: Tries = {
      key,
      attempt: nextAttempt(job),
      failures: before.map((attempt) => attempt.end!),
      lost: 0,
      checkpoints: 0,
    };
    this.known.set(row, tries);
    return tries;
  }

  /** A job that is done needs no more memory. */
  forget(row: number): void {
    this.known.delete(row);
  }
}
