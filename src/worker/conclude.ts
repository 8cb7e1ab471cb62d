// The end of an attempt: its last event, in the journal if that takes it, and the answer to the executor. It publishes nothing.
import type { EventOf } from "../state/events.ts";
import type { GateFact, Receipt } from "../state/receipt.ts";
import { faultPoint } from "../state/fault.ts";
import type { Attempted } from "./attempt.ts";
import { type AttemptFailure, faultOfRecording, type MachineFault, withDiskFull } from "./failure.ts";
import type { Finished } from "./protocol.ts";
import { said } from "./receipt.ts";
import type { WorkerProcess } from "./run-job.ts";

type FinishedEvent = EventOf<"attempt-finished">;

/** `result`: the receipt of published outputs, or why there is none. */
export function conclude(worker: WorkerProcess, attempted: Attempted, result: Receipt | AttemptFailure): Finished {
  const { event, machine } = result instanceof Error ? failed(worker, attempted, result) : done(attempted, result);
  const { from, to } = attempted.log;
  const logged = to > from ? { ...event, log: { file: worker.log.file, from, to } } : event;
  const said = event.class === "ok" ? logged : { ...logged, ...tail(event, worker.log.tail(from, to)) };
  const { unrecorded, machine: fault = machine } = record(worker, said);
  faultPoint("worker/receipted");
  if (attempted.staging) worker.staging.takeBack(attempted.staging);
  faultPoint("worker/cleaned");
  return answer(said, attempted.gates, attempted.seconds, unrecorded, fault);
}

/** The attempt whose start could not be recorded. */
export function unclaimed(attempted: Attempted, error: unknown, machine: MachineFault | undefined): Finished {
  const { key, attemptId } = attempted;
  return {
    type: "finished",
    key,
    attemptId,
    class: "exit",
    message: recordFailure("the attempt could not be recorded", error),
    seconds: 0,
    unrecorded: true,
    ...(machine === undefined ? {} : { machine }),
  };
}

interface Ended {
  readonly event: FinishedEvent;
  readonly machine?: MachineFault | undefined;
}

function done(attempted: Attempted, receipt: Receipt): Ended {
  return { event: { ...common(attempted), class: "ok", message: said(receipt), receipt } };
}

function failed(worker: WorkerProcess, attempted: Attempted, reason: AttemptFailure): Ended {
  const { attemptClass, message, facts, machine } = withDiskFull(reason, worker.root);
  const metrics = attempted.result?.metrics ?? [];
  const event: FinishedEvent = {
    ...common(attempted),
    class: attemptClass,
    message,
    ...(machine === undefined ? {} : { machine }),
    ...(attempted.adopting ? { adopting: true } : {}),
    ...facts,
    ...(metrics.length > 0 ? { metrics } : {}),
  };
  return { event, machine };
}

function common({ key, attempt, attemptId, clock, result }: Attempted) {
  return {
    type: "attempt-finished" as const,
    at: Date.now(),
    key,
    attempt,
    attemptId,
    phases: [...clock.end(), ...(result?.phases ?? [])],
    ...(result?.peakMemory === undefined ? {} : { peakMemory: result.peakMemory }),
    ...(result?.exit === undefined ? {} : { exit: result.exit }),
  };
}

/** A program's last words usually are the reason it ended with: they belong in the message. */
function tail({ class: how, message, exit }: FinishedEvent, text: string | undefined): Partial<FinishedEvent> {
  if (text === undefined) return {};
  const last = text.trimEnd().split("\n").at(-1)!.trim().slice(0, 200);
  const silent = how !== "exit" || exit === undefined || last === "" || message.includes(last);
  return silent ? { logTail: text } : { logTail: text, message: `${message}: ${last}` };
}

/** `unrecorded`: why the event is not in the journal. */
function record(
  { journal }: WorkerProcess,
  event: FinishedEvent,
): { readonly unrecorded?: string; readonly machine?: MachineFault | undefined } {
  try {
    journal.append(event);
    return {};
  } catch (error) {
    const what =
      event.class === "ok" ? "the outputs are published, but their receipt could not be recorded" : event.message;
    return { unrecorded: recordFailure(what, error), machine: event.machine ?? faultOfRecording(error) };
  }
}

function recordFailure(what: string, error: unknown): string {
  return `${what}: ${(error as Error).message}`;
}

function answer(
  event: FinishedEvent,
  gates: readonly GateFact[],
  duration: number,
  unrecorded: string | undefined,
  machine: MachineFault | undefined,
): Finished {
  const warnings = gates.filter((gate) => !gate.passed && gate.level === "warn");
  return {
    type: "finished",
    key: event.key,
    attemptId: event.attemptId,
    class: unrecorded === undefined || event.class !== "ok" ? event.class : "exit",
    message: unrecorded ?? event.message,
    ...(event.exit === undefined ? {} : { exit: event.exit }),
    ...(event.signal === undefined ? {} : { signal: event.signal }),
    seconds: duration,
    ...(event.peakMemory === undefined ? {} : { peakMemory: event.peakMemory }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(unrecorded === undefined ? {} : { unrecorded: true }),
    ...(machine === undefined ? {} : { machine }),
  };
}
