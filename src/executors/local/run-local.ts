// The local executor: from a plan and its bundle to finished jobs. Decisions are in the files beside it; here events meet them.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.ts";
import { keyOfRow, stageOfRow } from "../../expand/table.ts";
import type { ResourcesIR } from "../../ir/campaign.ts";
import { ACTIONS } from "../../plan/types.ts";
import type { AttemptClass } from "../../state/events.ts";
import type { Answer, Finished, JobRequest } from "../../worker/protocol.ts";
import { Capacity, declaredResources, fitsInto, NOTHING, refuseTooLarge, type Share, shareOf } from "./admission.ts";
import type { JobFailure, LocalOptions, LocalOutcome } from "./contract.ts";
import { JobTries, type Tries } from "./job-tries.ts";
import { type InFlight, Lane, type LaneEnd } from "./lane.ts";
import { fairDepth, Pace } from "./packing.ts";
import { clearAway } from "./orphans.ts";
import { endProcesses, markedProcesses } from "./processes.ts";
import { Tally } from "./progress.ts";
import { type Movement, Readiness } from "./readiness.ts";
import { ReadyQueue } from "./ready-queue.ts";
import { escalated, verdict } from "./retry.ts";
import { deathOf, MemoryKills } from "./worker-death.ts";
import { lastWords } from "./worker-journal.ts";

export type { JobFailure, LocalOptions, LocalOutcome } from "./contract.ts";
export type { LocalEvent, Progress } from "./progress.ts";

const KEEP = ACTIONS.indexOf("keep");
const ADOPT = ACTIONS.indexOf("adopt");
const FAILURES_KEPT = 100;
const PROGRESS_MS = 50;
/** A worker told to stop gives its job 2 s and records it; after this it is killed. */
const STOP_PATIENCE_MS = 15_000;
/** A job under which so many workers died is taken to be what kills them. */
const MOST_LOST = 3;
/** Workers that died in a row without any job finishing between: the machine, not the jobs. */
const MOST_DEATHS = 5;
/** Jobs in a row, without a success between, that met a full or read-only disk. */
const MOST_MACHINE_FAULTS = 3;
const JOB_GRACE_MS = 2000;

/** Rejects with DiagnosticError: plan/resources before anything is started, apply/worker or state/disk-full when going on is useless. */
export function runLocal(options: LocalOptions): Promise<LocalOutcome> {
  return new LocalRun(options).run();
}

class LocalRun {
  private readonly order: Uint32Array;
  /** Batch index and line of each planned row. */
  private readonly batchOf: Uint32Array;
  private readonly readiness: Readiness;
  private readonly ready: ReadyQueue;
  private readonly tries: JobTries;
  private readonly capacity: Capacity;
  private readonly pace = new Pace();
  private readonly tally: Tally;
  private readonly lanes: Lane[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly failures: JobFailure[] = [];
  private warnings = 0;
  private deaths = 0;
  private skips = 0;
  private machineFaults = 0;
  private draining = false;
  private stopping = false;
  private fatal: Diagnostic | undefined;
  private settling = 0;
  private readonly memoryKills = new MemoryKills();
  private progressTimer: NodeJS.Timeout | undefined;
  private finish!: () => void;
  private readonly idle = new Promise<void>((resolve) => (this.finish = resolve));

  constructor(private readonly options: LocalOptions) {
    const { plan, state } = options;
    const { table, batches } = plan;
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
    this.readiness = new Readiness(table, (row) => plan.action[row] === KEEP, rows);
    this.ready = new ReadyQueue(table, this.order);
    this.tries = new JobTries(table, state);
    this.capacity = new Capacity({ cpus: options.cpus, memory: options.memory });
    this.tally = new Tally(place, () => performance.now());
  }

  async run(): Promise<LocalOutcome> {
    const { options } = this;
    const rows = options.plan.batches.map((batch) => batch.rows);
    refuseTooLarge(options.plan.table, rows, { cpus: options.cpus, memory: options.memory });
    const settings = { ...options, nodeBinary: options.nodeBinary ?? process.execPath };
    for (let i = 0; i < Math.min(options.workers, this.tally.total); i++)
      this.lanes.push(
        new Lane(`w${i}`, settings, {
          answered: (lane, answer) => this.answered(lane, answer),
          ended: (lane, end) => void this.ended(lane, end),
        }),
      );
    const drain = (): void => this.drain();
    const stop = (): void => this.stop();
    options.drain?.addEventListener("abort", drain);
    options.stop?.addEventListener("abort", stop);
    try {
      this.move(this.readiness.start());
      if (options.drain?.aborted) this.drain();
      if (options.stop?.aborted) this.stop();
      this.pump();
      await this.idle;
      await this.closeLanes();
      await clearAway(options.root);
    } finally {
      options.drain?.removeEventListener("abort", drain);
      options.stop?.removeEventListener("abort", stop);
      for (const timer of this.timers) clearTimeout(timer);
      clearTimeout(this.progressTimer);
      for (const lane of this.lanes) lane.kill();
    }
    if (this.fatal) throw new DiagnosticError([{ ...this.fatal, left: this.left() }]);
    options.onProgress?.(this.tally.snapshot());
    return this.outcome();
  }

  private left(): string {
    const { done, total } = this.tally;
    return `${done} of ${total} planned jobs are done and kept; nothing half-written was published`;
  }

  private outcome(): LocalOutcome {
    const { done, failed, blocked, total } = this.tally;
    const remaining = total - done - failed - blocked;
    return {
      done,
      failed,
      blocked,
      remaining,
      cancelled: remaining > 0,
      failures: this.failures,
      warnings: this.warnings,
    };
  }

  /** Gives work to every worker that can take some; ends the run when nothing is left to wait for. */
  private pump(): void {
    if (!this.draining) for (const lane of this.lanes) if (!lane.dropping && !lane.settling) this.fill(lane);
    const busy = this.lanes.some((lane) => lane.queue.length > 0) || this.settling > 0;
    const waiting = !this.draining && (this.ready.size > 0 || this.timers.size > 0);
    if (!busy && !waiting) this.finish();
    this.tellProgress();
  }

  private fill(lane: Lane): void {
    const flights: InFlight[] = [];
    let held = lane.held;
    if (lane.queue.length === 0) {
      const first = this.takeFor(this.capacity.free);
      if (!first) return;
      held = first.share;
      this.capacity.take(held);
      lane.held = held;
      flights.push(first);
    }
    const stage = (flights[0] ?? lane.queue[0])!.stage;
    const depth = fairDepth(this.pace.depth(stage), this.ready.size, this.lanes.length);
    // Refilled when half empty, so that a worker never waits and a message carries many requests.
    if (flights.length === 0 && lane.queue.length > depth / 2) return;
    while (lane.queue.length + flights.length < depth) {
      const next = this.takeFor(held);
      if (!next) break;
      flights.push(next);
    }
    if (flights.length === 0) return;
    if (!lane.alive) lane.start();
    lane.send(flights);
    this.tally.running += flights.length;
  }

  /** The best ready job that fits into `room`. */
  private takeFor(room: Share): InFlight | undefined {
    let tooLarge = false;
    const row = this.ready.take((candidate) => {
      // A large job that others keep overtaking would never find room: after a while nobody overtakes.
      if (tooLarge && this.skips > 50) return false;
      const fits = fitsInto(shareOf(this.resources(candidate)), room);
      if (!fits) tooLarge = true;
      return fits;
    });
    if (row === undefined) return undefined;
    this.skips = tooLarge ? this.skips + 1 : 0;
    const tries = this.tries.of(row);
    const stage = stageOfRow(this.options.plan.table, row);
    const resources = this.resources(row);
    const omit = this.readiness.omitted(row);
    const batch = this.options.plan.batches[this.batchOf[row]!]!;
    const request: JobRequest = {
      type: this.options.plan.action[row] === ADOPT ? "adopt" : "run",
      batch: batch.id,
      line: this.lineOf(row),
      attempt: tries.attempt,
      ...(tries.failures.length > 0 ? { resources } : {}),
      ...(omit.length > 0 ? { omit } : {}),
    };
    return { row, stage: stage.stage.name, attempt: tries.attempt, share: shareOf(resources), request };
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

  private answered(lane: Lane, answer: Answer): void {
    switch (answer.type) {
      case "ready":
        lane.journal = answer.journal;
        break;
      case "started": {
        const flight = lane.queue[0];
        if (flight && this.options.onEvent)
          this.options.onEvent({
            type: "started",
            key: answer.key,
            stage: flight.stage,
            attempt: flight.attempt,
            worker: lane.name,
          });
        break;
      }
      case "dropped":
        lane.dropping = false;
        for (const flight of lane.queue.splice(lane.queue.length - answer.count)) this.putBack(flight);
        this.pump();
        break;
      case "finished": {
        const flight = lane.queue.shift();
        if (!flight) break;
        this.deaths = 0;
        this.pace.record(flight.stage, answer.seconds);
        if (answer.unrecorded) this.recordFor(flight, answer);
        this.release(lane);
        this.conclude(flight, answer);
        this.pump();
      }
    }
  }

  /** The worker could not write its journal; this one may lie on another disk quota or have been lucky. */
  private recordFor(flight: InFlight, answer: Finished): void {
    const { key, attemptId, message } = answer;
    const how = answer.class === "ok" ? "exit" : answer.class;
    try {
      this.options.journal.append({
        type: "attempt-finished",
        at: Date.now(),
        key,
        attempt: flight.attempt,
        attemptId,
        class: how,
        message,
        phases: [],
      });
    } catch (error) {
      this.giveUp(
        error instanceof DiagnosticError
          ? error.diagnostics[0]!
          : diagnostic("state/unwritable", (error as Error).message),
      );
    }
  }

  private release(lane: Lane): void {
    if (lane.queue.length > 0) return;
    this.capacity.give(lane.held);
    lane.held = NOTHING;
  }

  private putBack(flight: InFlight): void {
    this.tally.running -= 1;
    this.ready.push(flight.row);
  }

  /** One attempt has ended, by its own account or by that of its worker's journal. */
  private conclude(
    flight: InFlight,
    end: Pick<Finished, "class" | "message" | "seconds" | "warnings" | "machine">,
  ): void {
    const { row } = flight;
    const tries = this.tries.of(row);
    this.tally.running -= 1;
    tries.attempt += 1;
    const retryIn = this.judge(row, tries, end);
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
    this.machineFaults = end.machine ? this.machineFaults + 1 : end.class === "ok" ? 0 : this.machineFaults;
    if (end.machine && this.machineFaults >= MOST_MACHINE_FAULTS)
      this.giveUp(diagnostic(end.machine, `${tries.key}: ${end.message}`));
  }

  /** Seconds until the next try; undefined when this was the last word, or when the run is being stopped. */
  private judge(row: number, tries: Tries, end: Pick<Finished, "class" | "message" | "warnings">): number | undefined {
    if (end.class === "ok") {
      this.tally.done += 1;
      this.tally.ended();
      if (end.warnings) this.warnings += 1;
      this.move(this.readiness.finished(row));
      this.tries.forget(row);
      return undefined;
    }
    if (end.class === "cancelled" && this.stopping) return undefined;
    if (end.class === "cancelled" || end.class === "lost") {
      tries.lost += 1;
      if (tries.lost < MOST_LOST) return (this.ready.push(row), 0);
      return this.fail(row, tries, end.class, `its worker died ${tries.lost} times while it ran`);
    }
    tries.failures.push(end.class);
    const stage = stageOfRow(this.options.plan.table, row).stage;
    const next = verdict(stage.retry, tries.failures);
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
      this.pump();
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

  /** A worker is gone. What its journal says is believed; the job it was running is lost, or was what killed it. */
  private async ended(lane: Lane, end: LaneEnd): Promise<void> {
    const flights = lane.queue.splice(0);
    const { journal } = lane;
    const asked = this.stopping || (flights.length === 0 && end.code === 0);
    const why = end.signal ?? `exit code ${end.code}`;
    if (!asked) {
      this.deaths += 1;
      this.options.onEvent?.({
        type: "worker-lost",
        worker: lane.name,
        message: `${why}${end.stderr === "" ? "" : `: ${end.stderr.split("\n").at(-1)!}`}`,
      });
    }
    lane.settling = true;
    this.settling += 1;
    try {
      const words = lastWords(journal);
      for (const flight of flights) {
        const { key } = this.tries.of(flight.row);
        const started = words.started.get(key);
        if (started?.attempt !== flight.attempt) this.putBack(flight);
        else await this.settle(flight, started.attemptId, words.finished.get(started.attemptId), end);
      }
    } catch (error) {
      this.giveUp(
        error instanceof DiagnosticError ? error.diagnostics[0]! : diagnostic("apply/worker", (error as Error).message),
      );
    }
    this.capacity.give(lane.held);
    lane.held = NOTHING;
    lane.settling = false;
    this.settling -= 1;
    if (this.deaths >= MOST_DEATHS)
      this.giveUp(
        diagnostic(
          "apply/worker",
          `Workers died ${this.deaths} times in a row (${why}); the last said: ${end.stderr || "nothing"}`,
        ),
      );
    this.pump();
  }

  private async settle(
    flight: InFlight,
    attemptId: string,
    finished: Finished | { readonly class: AttemptClass; readonly message: string } | undefined,
    end: LaneEnd,
  ): Promise<void> {
    const { root, journal } = this.options;
    rmSync(join(root, "staging", attemptId), { recursive: true, force: true });
    if (finished) return this.conclude(flight, { seconds: 0, ...finished });
    await endProcesses(() => markedProcesses(root, (id) => id === attemptId), JOB_GRACE_MS);
    const { key } = this.tries.of(flight.row);
    const { how, message } = this.stopping
      ? { how: "cancelled" as const, message: "stopped while it ran" }
      : deathOf(end, this.memoryKills.rose());
    journal.append({
      type: "attempt-finished",
      at: Date.now(),
      key,
      attempt: flight.attempt,
      attemptId,
      class: how,
      message,
      phases: [],
      ...(end.signal ? { signal: end.signal } : {}),
    });
    rmSync(join(root, "staging", attemptId), { recursive: true, force: true });
    this.conclude(flight, { class: how, message, seconds: 0 });
  }

  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.tally.retrying = 0;
    for (const lane of this.lanes) lane.drop();
    this.pump();
  }

  private stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.drain();
    for (const lane of this.lanes) lane.close();
    setTimeout(() => this.lanes.forEach((lane) => lane.kill()), STOP_PATIENCE_MS).unref();
  }

  /** Something that will not go away: running jobs finish, nothing new is begun. */
  private giveUp(why: Diagnostic): void {
    this.fatal ??= why;
    this.drain();
  }

  private async closeLanes(): Promise<void> {
    this.draining = true;
    for (const lane of this.lanes) lane.close();
    for (let wait = 1; this.lanes.some((lane) => lane.alive); wait = Math.min(20, wait * 2))
      await new Promise((resolve) => setTimeout(resolve, wait));
  }

  private tellProgress(): void {
    if (!this.options.onProgress || this.progressTimer) return;
    this.progressTimer = setTimeout(() => {
      this.progressTimer = undefined;
      this.options.onProgress!(this.tally.snapshot());
    }, PROGRESS_MS);
  }
}

function diagnostic(code: Diagnostic["code"], message: string): Diagnostic {
  return { code, severity: "error", message };
}
