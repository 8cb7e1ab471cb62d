// The local executor: from a plan and its bundle to finished jobs. Starts and ends workers and hands them what the agenda says.
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.ts";
import { optimizeLater } from "../../worker/lean.ts";
import type { Answer, Finished } from "../../worker/protocol.ts";
import { refuseOtherNode } from "./node-version.ts";
import { Capacity, NOTHING, refuseTooLarge } from "./admission.ts";
import { Agenda } from "./agenda.ts";
import type { LocalOptions, LocalOutcome } from "./contract.ts";
import { type InFlight, Lane, type LaneEnd } from "./lane.ts";
import { clearAway } from "./orphans.ts";
import { fairDepth, Pace } from "./packing.ts";
import { MemoryKills, settleAttempt } from "./worker-death.ts";
import { lastWords } from "./worker-journal.ts";

export type { JobFailure, LocalOptions, LocalOutcome } from "./contract.ts";
export type { LocalEvent, Progress } from "./progress.ts";

const PROGRESS_MS = 50;
/** A worker told to stop gives its job 2 s and records it; after this it is killed. */
const STOP_PATIENCE_MS = 15_000;
/** Workers that died in a row without any job finishing between: the machine, not the jobs. */
const MOST_DEATHS = 5;
/** Jobs in a row, without a success between, that met a full or read-only disk. */
const MOST_MACHINE_FAULTS = 3;

/** Rejects with DiagnosticError: plan/resources before anything is started, apply/worker or state/disk-full when going on is useless. */
export function runLocal(options: LocalOptions): Promise<LocalOutcome> {
  return new LocalRun(options).run();
}

class LocalRun {
  private readonly agenda: Agenda;
  private readonly capacity: Capacity;
  private readonly pace = new Pace();
  private readonly lanes: Lane[] = [];
  private deaths = 0;
  private machineFaults = 0;
  private draining = false;
  private fatal: Diagnostic | undefined;
  /** Lanes whose worker died and whose requests are being sorted out. */
  private settling = 0;
  private readonly memoryKills = new MemoryKills();
  private progressTimer: NodeJS.Timeout | undefined;
  private finish!: () => void;
  private readonly idle = new Promise<void>((resolve) => (this.finish = resolve));

  constructor(private readonly options: LocalOptions) {
    this.agenda = new Agenda(options, () => this.pump());
    this.capacity = new Capacity({ cpus: options.cpus, memory: options.memory });
  }

  async run(): Promise<LocalOutcome> {
    optimizeLater();
    const { options, agenda } = this;
    const rows = options.plan.batches.map((batch) => batch.rows);
    refuseOtherNode(options.plan.table, rows, process.versions.node);
    refuseTooLarge(options.plan.table, rows, { cpus: options.cpus, memory: options.memory });
    this.openLanes();
    const drain = (): void => this.drain();
    const stop = (): void => this.stop();
    options.drain?.addEventListener("abort", drain);
    options.stop?.addEventListener("abort", stop);
    try {
      agenda.start();
      if (options.drain?.aborted) this.drain();
      if (options.stop?.aborted) this.stop();
      this.pump();
      await this.idle;
      await this.closeLanes();
      await clearAway(options.root);
    } finally {
      options.drain?.removeEventListener("abort", drain);
      options.stop?.removeEventListener("abort", stop);
      agenda.stopRetries();
      clearTimeout(this.progressTimer);
      for (const lane of this.lanes) lane.kill();
    }
    if (this.fatal) throw new DiagnosticError([{ ...this.fatal, left: this.left() }]);
    options.onProgress?.(agenda.tally.snapshot());
    return agenda.outcome();
  }

  private left(): string {
    const { done, total } = this.agenda.tally;
    return `${done} of ${total} planned jobs are done and kept; nothing half-written was published`;
  }

  private openLanes(): void {
    const { options, agenda } = this;
    const settings = { ...options, nodeBinary: options.nodeBinary ?? process.execPath };
    const listener = {
      answered: (lane: Lane, answer: Answer) => this.answered(lane, answer),
      ended: (lane: Lane, end: LaneEnd) => void this.ended(lane, end),
    };
    for (let i = 0; i < Math.min(options.workers, agenda.tally.total); i++)
      this.lanes.push(new Lane(`w${i}`, settings, listener));
  }

  /** Gives work to every worker that can take some; ends the run when nothing is left to wait for. */
  private pump(): void {
    if (!this.draining) for (const lane of this.lanes) if (!lane.dropping && !lane.settling) this.fill(lane);
    const busy = this.lanes.some((lane) => lane.queue.length > 0) || this.settling > 0;
    if (!busy && (this.draining || !this.agenda.hasMore)) this.finish();
    this.tellProgress();
  }

  private fill(lane: Lane): void {
    const flights: InFlight[] = [];
    let held = lane.held;
    if (lane.queue.length === 0) {
      const first = this.agenda.take(this.capacity.free);
      if (!first) return;
      held = first.share;
      this.capacity.take(held);
      lane.held = held;
      flights.push(first);
    }
    const stage = (flights[0] ?? lane.queue[0])!.stage;
    const depth = fairDepth(this.pace.depth(stage), this.agenda.readyCount, this.lanes.length);
    // Refilled when half empty, so that a worker never waits and a message carries many requests.
    if (flights.length === 0 && lane.queue.length > depth / 2) return;
    while (lane.queue.length + flights.length < depth) {
      const next = this.agenda.take(held);
      if (!next) break;
      flights.push(next);
    }
    if (flights.length === 0) return;
    if (!lane.alive) lane.start();
    lane.send(flights);
  }

  private answered(lane: Lane, answer: Answer): void {
    switch (answer.type) {
      case "ready":
        lane.journal = answer.journal;
        break;
      case "started": {
        const flight = lane.queue.find((sent) => this.agenda.keyOf(sent) === answer.key);
        if (!flight) break;
        const { stage, attempt } = flight;
        this.options.onEvent?.({ type: "started", key: answer.key, stage, attempt, worker: lane.name });
        break;
      }
      case "dropped":
        lane.dropping = false;
        for (const flight of lane.queue.splice(lane.queue.length - answer.count)) this.agenda.putBack(flight);
        this.pump();
        break;
      case "finished":
        this.finished(lane, answer);
    }
  }

  private finished(lane: Lane, answer: Finished): void {
    const flight = lane.queue.shift();
    if (!flight) return;
    this.deaths = 0;
    this.pace.record(flight.stage, answer.seconds);
    if (answer.unrecorded) this.recordFor(flight, answer);
    if (lane.queue.length === 0) {
      this.capacity.give(lane.held);
      lane.held = NOTHING;
    }
    const key = this.agenda.keyOf(flight);
    this.agenda.conclude(flight, answer);
    this.machineFaults = answer.machine ? this.machineFaults + 1 : answer.class === "ok" ? 0 : this.machineFaults;
    if (answer.machine && this.machineFaults >= MOST_MACHINE_FAULTS)
      this.giveUp(diagnostic(answer.machine, `${key}: ${answer.message}`));
    this.pump();
  }

  /** The worker could not write its journal; this one may lie on another disk quota or have been lucky. */
  private recordFor(flight: InFlight, { key, attemptId, message, class: how, machine }: Finished): void {
    const base = { type: "attempt-finished", at: Date.now(), key, attempt: flight.attempt, attemptId } as const;
    const fault = machine === undefined ? {} : { machine };
    try {
      this.options.journal.append({ ...base, class: how === "ok" ? "exit" : how, message, ...fault, phases: [] });
    } catch (error) {
      this.giveUp(asDiagnostic(error, "state/unwritable"));
    }
  }

  /** A worker is gone. What its journal says is believed; the job it was running is lost, or was what killed it. */
  private async ended(lane: Lane, end: LaneEnd): Promise<void> {
    const flights = lane.queue.splice(0);
    const { journal } = lane;
    const asked = this.agenda.stopping || (flights.length === 0 && end.code === 0);
    const why = end.signal ?? `exit code ${end.code}`;
    if (!asked) {
      this.deaths += 1;
      const words = end.stderr === "" ? "" : `: ${end.stderr.split("\n").at(-1)!}`;
      this.options.onEvent?.({ type: "worker-lost", worker: lane.name, message: `${why}${words}` });
    }
    lane.settling = true;
    this.settling += 1;
    try {
      await this.sortOut(flights, journal, end);
    } catch (error) {
      this.giveUp(asDiagnostic(error, "apply/worker"));
    }
    this.capacity.give(lane.held);
    lane.held = NOTHING;
    lane.settling = false;
    this.settling -= 1;
    if (this.deaths >= MOST_DEATHS) {
      const message = `Workers died ${this.deaths} times in a row (${why}); the last said: ${end.stderr || "nothing"}`;
      this.giveUp(diagnostic("apply/worker", message));
    }
    this.pump();
  }

  private async sortOut(flights: readonly InFlight[], journal: string | undefined, end: LaneEnd): Promise<void> {
    if (flights.length === 0) return;
    const words = lastWords(journal);
    const begun = flights.map((flight) => {
      const started = words.started.get(this.agenda.keyOf(flight));
      return started?.attempt === flight.attempt ? started : undefined;
    });
    // Those before it were waiting for the disk: they cannot have killed their worker.
    const running = begun.findLastIndex((started) => started && !words.finished.has(started.attemptId));
    for (const [i, flight] of flights.entries()) {
      const started = begun[i];
      if (!started) {
        this.agenda.putBack(flight);
        continue;
      }
      const { key, attemptId, attempt } = started;
      const attemptOf = { key, attempt, attemptId, finished: words.finished.get(attemptId), running: i === running };
      const how = await settleAttempt(this.options, attemptOf, end, this.agenda.stopping, this.memoryKills);
      this.agenda.conclude(flight, { seconds: 0, ...how });
    }
  }

  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    this.agenda.stopRetries();
    for (const lane of this.lanes) lane.drop();
    this.pump();
  }

  private stop(): void {
    if (this.agenda.stopping) return;
    this.agenda.stopping = true;
    this.drain();
    for (const lane of this.lanes) void lane.close();
    setTimeout(() => this.lanes.forEach((lane) => lane.kill()), STOP_PATIENCE_MS).unref();
  }

  /** Something that will not go away: running jobs finish, nothing new is begun. */
  private giveUp(why: Diagnostic): void {
    this.fatal ??= why;
    this.drain();
  }

  private async closeLanes(): Promise<void> {
    this.draining = true;
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private tellProgress(): void {
    if (!this.options.onProgress || this.progressTimer) return;
    this.progressTimer = setTimeout(() => {
      this.progressTimer = undefined;
      this.options.onProgress!(this.agenda.tally.snapshot());
    }, PROGRESS_MS);
  }
}

function diagnostic(code: Diagnostic["code"], message: string): Diagnostic {
  return { code, severity: "error", message };
}

function asDiagnostic(error: unknown, code: Diagnostic["code"]): Diagnostic {
  return error instanceof DiagnosticError ? error.diagnostics[0]! : diagnostic(code, (error as Error).message);
}
