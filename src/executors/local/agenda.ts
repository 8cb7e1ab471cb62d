// The agenda of a run: which planned job comes next, and what follows from how one ended. Knows nothing of processes.
import { keyOfRow, stageOfRow } from "../../expand/table.ts";
import type { ResourcesIR } from "../../ir/stage.ts";
import { ACTIONS } from "../../plan/types.ts";
import type { AttemptClass } from "../../state/events.ts";
import type { Finished, JobRequest } from "../../worker/protocol.ts";
import { declaredResources, fitsInto, type Share, shareOf } from "./admission.ts";
import type { JobFailure, LocalOptions, LocalOutcome } from "./contract.ts";
import { JobTries, type Tries } from "./job-tries.ts";
import type { InFlight } from "./lane.ts";
import { Tally } from "./progress.ts";
import { type Movement, Readiness } from "./readiness.ts";
import { ReadyQueue } from "./ready-queue.ts";
import { escalated, verdict } from "../retry.ts";

/** There is a result. Moves are carried out before a run begins. */
const THERE: ReadonlySet<number> = new Set([ACTIONS.indexOf("keep"), ACTIONS.indexOf("move")]);
const ADOPT = ACTIONS.indexOf("adopt");
const FAILURES_KEPT = 100;
/** A job under which so many workers died is taken to be what kills them. */
const MOST_LOST = 3;
/** In one run. A job that writes checkpoints and gets nowhere does so for ever. */
const MOST_CHECKPOINTS = 1000;
/** A large job that others overtook so often is waited for. */
const MOST_OVERTAKEN = 50;

/** How an attempt ended, as far as the agenda cares. */
export type End = Pick<Finished, "class" | "exit" | "message" | "seconds" | "warnings" | "machine">;

export class Agenda {
  readonly tally: Tally;
  /** True: what is cancelled now was stopped by a person and is not tried again. */
  stopping = false;
  private readonly order: Uint32Array;
  /** Batch index of each planned row. */
  private readonly batchOf: Uint32Array;
  private readonly readiness: Readiness;
  private readonly ready: ReadyQueue;
  private readonly tries: JobTries;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly failures: JobFailure[] = [];
  private warnings = 0;
  private overtaken = 0;

  /** `due` is called whenever a job has waited long enough for its next try. */
  constructor(
    private readonly options: LocalOptions,
    private readonly due: () => void,
  ) {
    const { table, batches, action } = options.plan;
    this.order = new Uint32Array(table.count);
    this.batchOf = new Uint32Array(table.count);
    let place = 0;
    batches.forEach((batch, b) =>
      batch.rows.forEach((row) => {
        this.order[row] = place++;
        this.batchOf[row] = b;
      }),
    );
    const rows = batches.map((batch) => batch.rows);
    this.readiness = new Readiness(table, (row) => THERE.has(action[row]!), rows);
    this.ready = new ReadyQueue(table, this.order);
    this.tries = new JobTries(table, options.state);
    this.tally = new Tally(place, () => performance.now());
  }

  start(): void {
    this.move(this.readiness.start());
  }

  /** Jobs that could begin now. */
  get readyCount(): number {
    return this.ready.size;
  }

  /** Something is ready, or will be after its backoff. */
  get hasMore(): boolean {
    return this.ready.size > 0 || this.timers.size > 0;
  }

  keyOf(flight: InFlight): string {
    return this.tries.of(flight.row).key;
  }

  /** The best ready job that fits into `room`, as a request to a worker. */
  take(room: Share): InFlight | undefined {
    let tooLarge = false;
    const row = this.ready.take((candidate) => {
      if (tooLarge && this.overtaken > MOST_OVERTAKEN) return false;
      const fits = fitsInto(shareOf(this.resources(candidate)), room);
      if (!fits) tooLarge = true;
      return fits;
    });
    if (row === undefined) return undefined;
    this.overtaken = tooLarge ? this.overtaken + 1 : 0;
    const { plan } = this.options;
    const { attempt, failures } = this.tries.of(row);
    const resources = this.resources(row);
    const omit = this.readiness.omitted(row);
    const request: JobRequest = {
      type: plan.action[row] === ADOPT ? "adopt" : "run",
      batch: plan.batches[this.batchOf[row]!]!.id,
      line: this.lineOf(row),
      attempt,
      ...(failures.length > 0 ? { resources } : {}),
      ...(omit.length > 0 ? { omit } : {}),
    };
    this.tally.running += 1;
    return { row, stage: stageOfRow(plan.table, row).stage.name, attempt, share: shareOf(resources), request };
  }

  /** A request that was not begun. */
  putBack(flight: InFlight): void {
    this.tally.running -= 1;
    this.ready.push(flight.row);
  }

  /** One attempt has ended, by its own account or by that of its worker's journal. */
  conclude(flight: InFlight, end: End): void {
    const tries = this.tries.of(flight.row);
    this.tally.running -= 1;
    tries.attempt += 1;
    const retryIn = this.judge(flight.row, tries, end);
    this.options.onEvent?.({
      type: "finished",
      key: tries.key,
      stage: flight.stage,
      attempt: flight.attempt,
      class: end.class,
      message: end.message,
      seconds: end.seconds,
      ...(retryIn === undefined ? {} : { retryIn }),
      warnings: end.warnings ?? [],
    });
  }

  /** Jobs that wait for their next try wait for the next apply. */
  stopRetries(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.tally.retrying = 0;
  }

  outcome(): LocalOutcome {
    const { done, failed, blocked, total } = this.tally;
    const remaining = total - done - failed - blocked;
    const { failures, warnings } = this;
    return { done, failed, blocked, remaining, cancelled: remaining > 0, failures, warnings };
  }

  /** Rows of a batch stand in plan order, so the line is the distance from the batch's first row in that order. */
  private lineOf(row: number): number {
    return this.order[row]! - this.order[this.options.plan.batches[this.batchOf[row]!]!.rows[0]!]!;
  }

  private resources(row: number): ResourcesIR {
    const stage = stageOfRow(this.options.plan.table, row);
    const declared = declaredResources(stage, row - stage.first);
    const { escalate } = stage.stage.retry;
    if (!escalate.oom && !escalate.timeout) return declared;
    return escalated(declared, stage.stage.retry, this.tries.of(row).failures, this.options.memory);
  }

  /** Seconds until the next try; undefined when this was the last word, or when the run is being stopped. */
  private judge(row: number, tries: Tries, end: End): number | undefined {
    if (end.class === "ok") {
      this.tally.done += 1;
      this.tally.ended();
      if (end.warnings) this.warnings += 1;
      this.move(this.readiness.finished(row));
      this.tries.forget(row);
      return undefined;
    }
    if (this.stopping && (end.class === "cancelled" || end.class === "checkpoint")) return undefined;
    if (end.class === "checkpoint") {
      tries.checkpoints += 1;
      if (tries.checkpoints < MOST_CHECKPOINTS) return (this.ready.push(row), 0);
      return this.fail(row, tries, end.class, `it was interrupted by its own checkpoint ${tries.checkpoints} times`);
    }
    if (end.class === "cancelled" || end.class === "lost") {
      tries.lost += 1;
      if (tries.lost < MOST_LOST) return (this.ready.push(row), 0);
      return this.fail(row, tries, end.class, `its worker died ${tries.lost} times while it ran`);
    }
    tries.failures.push(end);
    const next = verdict(stageOfRow(this.options.plan.table, row).stage.retry, tries.failures);
    if (!next.again) return this.fail(row, tries, end.class, end.message);
    this.later(row, next.seconds);
    return next.seconds;
  }

  private fail(row: number, tries: Tries, how: AttemptClass, message: string): undefined {
    this.tally.failed += 1;
    this.tally.ended();
    if (this.failures.length < FAILURES_KEPT)
      this.failures.push({ key: tries.key, class: how, message, attempts: tries.attempt - 1 });
    this.move(this.readiness.failed(row));
  }

  private later(row: number, seconds: number): void {
    this.tally.retrying += 1;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.tally.retrying -= 1;
      this.ready.push(row);
      this.due();
    }, seconds * 1000);
    this.timers.add(timer);
  }

  private move({ ready, blocked }: Movement): void {
    for (const row of ready) this.ready.push(row);
    const { table } = this.options.plan;
    this.tally.blocked += blocked.length;
    if (this.options.onEvent)
      for (const { row, by } of blocked)
        this.options.onEvent({ type: "blocked", key: keyOfRow(table, row), by: keyOfRow(table, by) });
  }
}
