// The life of one attempt, as a list of steps. Each step is a file of its own; here is only their order, and what is written down.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { StageIR } from "../ir/campaign.ts";
import type { JobLine } from "../ir/job.ts";
import type { EventOf, GateFact, MetricFact, OutputFact, Receipt } from "../state/events.ts";
import { faultPoint } from "../state/fault.ts";
import { attemptMarks, extended } from "./environment.ts";
import { evaluateGates } from "./gates.ts";
import { AttemptFailure, faultOfRecording, ioFailure, type MachineFault, step, withDiskFull } from "./failure.ts";
import { type ResolvedInputs, resolveInputs } from "./inputs.ts";
import { PhaseClock, seconds } from "./phase-clock.ts";
import { outputFacts, presenceChecks, renameStaged, syncStaged } from "./publish.ts";
import type { Finished, JobRequest } from "./protocol.ts";
import { type Execution, type JobResult, runJob } from "./run-job.ts";
import { type Staging, writeJobFile } from "./staging.ts";
import { requirePassed, validateOutputs } from "./validate.ts";

type FinishedEvent = EventOf<"attempt-finished">;

/** What an attempt knows of itself while it goes; a failure records as much of it as there is. */
interface Progress {
  readonly clock: PhaseClock;
  result?: JobResult;
  gates: readonly GateFact[];
  staging?: Staging;
  machine?: MachineFault;
}

export async function attempt(
  execution: Execution,
  request: JobRequest,
  started: (key: string, attemptId: string) => void,
): Promise<Finished> {
  const { worker } = execution;
  const job = worker.bundle.job(request.batch, request.line);
  const stage = worker.bundle.stage(job.stage);
  const attemptId = newAttemptId(worker.name);
  const begin = performance.now();
  const from = worker.log.position();
  const progress: Progress = { clock: new PhaseClock(), gates: [] };
  const base = { key: job.key, attempt: request.attempt, attemptId };
  try {
    const opened = { ...base, recipe: job.recipe.digest, host: worker.host, pid: process.pid, batch: request.batch };
    worker.journal.append({ type: "attempt-started", at: Date.now(), ...opened });
  } catch (error) {
    const machine = faultOfRecording(error);
    return {
      type: "finished",
      ...base,
      class: "exit",
      message: recordFailure("the attempt could not be recorded", error),
      seconds: 0,
      unrecorded: true,
      ...(machine === undefined ? {} : { machine }),
    };
  }
  faultPoint("worker/claimed");
  started(job.key, attemptId);

  let event: FinishedEvent;
  try {
    const receipt = await (request.type === "adopt" ? adopt : make)(
      execution,
      request,
      stage,
      job,
      attemptId,
      progress,
    );
    event = {
      type: "attempt-finished",
      at: Date.now(),
      ...base,
      class: "ok",
      message: said(receipt),
      ...summary(progress),
      receipt,
    };
  } catch (error) {
    const failure = withDiskFull(error instanceof AttemptFailure ? error : ioFailure("running", error), worker.root);
    progress.machine = failure.machine;
    const { attemptClass, message, facts } = failure;
    event = {
      type: "attempt-finished",
      at: Date.now(),
      ...base,
      ...summary(progress),
      class: attemptClass,
      message,
      ...(progress.machine === undefined ? {} : { machine: progress.machine }),
      ...(request.type === "adopt" ? { adopting: true } : {}),
      ...facts,
    };
    event = { ...event, ...(progress.result?.metrics.length ? { metrics: progress.result.metrics } : {}) };
  }
  const to = worker.log.position();
  if (to > from) event = { ...event, log: { file: worker.log.file, from, to } };
  if (event.class !== "ok") event = { ...event, ...tail(event, worker.log.tail(from, to)) };
  const unrecorded = record(execution, event, progress);
  faultPoint("worker/receipted");
  if (progress.staging) worker.staging.takeBack(progress.staging);
  faultPoint("worker/cleaned");
  return answer(event, progress, seconds(begin), unrecorded);
}

/** Stage, run, validate, publish. */
async function make(
  execution: Execution,
  request: JobRequest,
  stage: StageIR,
  job: JobLine,
  attemptId: string,
  progress: Progress,
): Promise<Receipt> {
  const { worker } = execution;
  const { clock } = progress;
  clock.enter("start");
  const inputs = step("reading inputs", () => resolveInputs(stage, job, worker, new Set(request.omit)));
  const staging = step("making the staging directory", () => worker.staging.make(attemptId, stage, job));
  progress.staging = staging;
  step("writing the job file", () => stage.run.kind === "command" && writeJobFile(staging, job, inputs));
  faultPoint("worker/staged");
  clock.enter("run");

  const resources = { ...stage.resources, ...job.resources, ...request.resources };
  const result = await runJob(execution, {
    stage,
    job,
    inputs,
    staging,
    attempt: request.attempt,
    attemptId,
    resources,
  });
  progress.result = result;
  faultPoint("worker/ran");
  clock.enter("validate");

  requirePassed(step("looking at outputs", () => presenceChecks(stage, job, worker.root, staging.outputs)));
  const checks = await validateOutputs(stage, job, staging.outputs, {
    ...worker,
    env: result.env,
    cwd: staging.directory,
    logFd: worker.log.fd,
    stop: execution.stop,
  });
  requirePassed(checks);
  progress.gates = evaluateGates(stage.gates, result.metrics);
  requireGates(progress.gates);
  faultPoint("worker/validated");
  clock.enter("publish");

  syncStaged(stage, staging.outputs);
  faultPoint("worker/synced");
  renameStaged(stage, job, worker.root, staging, worker.folders);
  const outputs = step("looking at published outputs", () => outputFacts(stage, job, worker.root));
  return receiptOf(job, inputs, outputs, checks.length, result.metrics, progress.gates);
}

/** Outputs that are there already: validated in place. There are no metrics, so gates say nothing about them. */
async function adopt(
  execution: Execution,
  request: JobRequest,
  stage: StageIR,
  job: JobLine,
  attemptId: string,
  progress: Progress,
): Promise<Receipt> {
  const { worker } = execution;
  const { clock } = progress;
  clock.enter("start");
  const inputs = step("reading inputs", () => resolveInputs(stage, job, worker, new Set(request.omit)));
  const paths = Object.fromEntries(
    stage.outputs.map((output) => [output.name, join(worker.root, job.outputs[output.name]!)]),
  );
  clock.enter("validate");
  requirePassed(step("looking at outputs", () => presenceChecks(stage, job, worker.root, paths)));
  const checks = await validateOutputs(stage, job, paths, {
    ...worker,
    env: extended(worker.env, attemptMarks(job.key, attemptId, worker.root)),
    cwd: worker.root,
    logFd: worker.log.fd,
    stop: execution.stop,
  });
  requirePassed(checks);
  const outputs = step("looking at outputs", () => outputFacts(stage, job, worker.root));
  return { ...receiptOf(job, inputs, outputs, checks.length, [], []), adopted: true };
}

function receiptOf(
  job: JobLine,
  inputs: ResolvedInputs,
  outputs: readonly OutputFact[],
  checksPassed: number,
  metrics: readonly MetricFact[],
  gates: readonly GateFact[],
): Receipt {
  return {
    recipe: job.recipe,
    params: job.params,
    ...(job.argv ? { argv: job.argv } : {}),
    inputs: inputs.facts,
    ...(inputs.upstreamUsed ? { upstreamUsed: inputs.upstreamUsed } : {}),
    outputs,
    metrics,
    gates,
    checksPassed,
  };
}

function requireGates(gates: readonly GateFact[]): void {
  const closed = gates.filter((gate) => !gate.passed && gate.level === "fail");
  if (closed.length === 0) return;
  const more = closed.length > 1 ? ` (and ${closed.length - 1} more)` : "";
  throw new AttemptFailure("validation", `gate ${closed[0]!.name}: ${closed[0]!.message}${more}`, { gates: closed });
}

const PROCESS_TAG = randomBytes(6).toString("hex");
let attempts = 0;

/** Unique for ever, also where two hosts have the same clock and pids: 48 random bits a process, and a count. */
function newAttemptId(worker: string): string {
  attempts += 1;
  return `${Date.now().toString(36)}-${worker}-${PROCESS_TAG}-${attempts}`;
}

function summary({ clock, result }: Progress): Pick<FinishedEvent, "phases" | "peakMemory" | "exit"> {
  const peak = result?.peakMemory === undefined ? {} : { peakMemory: result.peakMemory };
  const exit = result?.exit === undefined ? {} : { exit: result.exit };
  return { phases: [...clock.end(), ...(result?.phases ?? [])], ...peak, ...exit };
}

function said(receipt: Receipt): string {
  if (receipt.adopted) return "adopted";
  return receipt.outputs.length === 1 ? "made 1 output" : `made ${receipt.outputs.length} outputs`;
}

/** A program's last words usually are the reason it ended with: they belong in the message. */
function tail({ class: how, message, exit }: FinishedEvent, text: string | undefined): Partial<FinishedEvent> {
  if (text === undefined) return {};
  const last = text.trimEnd().split("\n").at(-1)!.trim().slice(0, 200);
  const silent = how !== "exit" || exit === undefined || last === "" || message.includes(last);
  return silent ? { logTail: text } : { logTail: text, message: `${message}: ${last}` };
}

/** Undefined when the event is in the journal, else why it is not. */
function record({ worker }: Execution, event: FinishedEvent, progress: Progress): string | undefined {
  try {
    worker.journal.append(event);
    return undefined;
  } catch (error) {
    progress.machine ??= faultOfRecording(error);
    return recordFailure(
      event.class === "ok" ? "the outputs are published, but their receipt could not be recorded" : event.message,
      error,
    );
  }
}

function recordFailure(what: string, error: unknown): string {
  return `${what}: ${(error as Error).message}`;
}

function answer(event: FinishedEvent, progress: Progress, duration: number, unrecorded: string | undefined): Finished {
  const warnings = progress.gates.filter((gate) => !gate.passed && gate.level === "warn");
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
    ...(progress.machine === undefined ? {} : { machine: progress.machine }),
  };
}
