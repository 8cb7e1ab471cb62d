// One attempt up to the point where its outputs could be published: stage, claim, run, validate. Publishing and the record are publisher.ts and conclude.ts.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { StageIR } from "../ir/stage.ts";
import type { JobLine } from "../ir/job.ts";
import type { GateFact, Receipt } from "../state/receipt.ts";
import { faultPoint } from "../state/fault.ts";
import { type Digests, digestOutputs } from "./digest.ts";
import { attemptMarks, extended } from "./environment.ts";
import { AttemptFailure, faultOfRecording, ioFailure, type MachineFault, step } from "./failure.ts";
import { evaluateGates } from "./gates.ts";
import { type ResolvedInputs, resolveInputs } from "./inputs.ts";
import { PhaseClock, seconds } from "./phase-clock.ts";
import type { JobRequest } from "./protocol.ts";
import { outputFacts, presenceChecks } from "./publish.ts";
import { receiptOf } from "./receipt.ts";
import { type Execution, type JobResult, runJob } from "./run-job.ts";
import { type Staging, writeJobFile } from "./staging.ts";
import { requirePassed, validateOutputs } from "./validate.ts";

/** What an attempt knows of itself; a failure records as much of it as there is. */
export interface Attempted {
  readonly key: string;
  readonly attempt: number;
  readonly attemptId: string;
  /** True: it looks at outputs that are there; nothing was run. */
  readonly adopting: boolean;
  /** performance.now() at its start. */
  begin: number;
  /** From its start to what it came to; the wait for the disk is not its own. */
  seconds: number;
  readonly clock: PhaseClock;
  result?: JobResult;
  gates: readonly GateFact[];
  staging?: Staging;
  /** Bytes [from, to) of the worker's log. */
  readonly log: { from: number; to: number };
  outcome?: Outcome;
}

export type Outcome =
  /** Outputs are staged and valid. */
  | { readonly kind: "draft"; readonly draft: Draft }
  /** Nothing is left to publish. */
  | { readonly kind: "receipt"; readonly receipt: Receipt }
  | { readonly kind: "failure"; readonly failure: AttemptFailure }
  /** Not even its start could be recorded. */
  | { readonly kind: "unclaimed"; readonly error: unknown; readonly machine: MachineFault | undefined };

export interface Draft {
  readonly stage: StageIR;
  readonly job: JobLine;
  readonly inputs: ResolvedInputs;
  readonly staging: Staging;
  readonly checksPassed: number;
  readonly digests: Digests;
}

/** A job that could begin at once: inputs looked up, staging made. Nothing is recorded of it yet. */
export interface Prepared {
  readonly request: JobRequest;
  readonly job: JobLine;
  readonly stage: StageIR;
  readonly attempted: Attempted;
  readonly inputs?: ResolvedInputs;
  /** Why it cannot begin: to be told once it is claimed. */
  readonly fault?: unknown;
}

/** Throws only for a request that the bundle does not know. */
export function prepare({ worker }: Execution, request: JobRequest): Prepared {
  const job = worker.bundle.job(request.batch, request.line);
  const stage = worker.bundle.stage(job.stage);
  const attempted: Attempted = {
    key: job.key,
    attempt: request.attempt,
    attemptId: newAttemptId(worker.name),
    adopting: request.type === "adopt",
    begin: performance.now(),
    seconds: 0,
    clock: new PhaseClock(),
    gates: [],
    log: { from: 0, to: 0 },
  };
  const { clock, attemptId } = attempted;
  const prepared = { request, job, stage, attempted };
  clock.enter("start");
  try {
    const inputs = step("reading inputs", () => resolveInputs(stage, job, worker, new Set(request.omit)));
    if (attempted.adopting) return { ...prepared, inputs };
    const staging = step("making the staging directory", () => worker.staging.make(attemptId, stage, job));
    attempted.staging = staging;
    step("writing the job file", () => stage.run.kind === "command" && writeJobFile(staging, job, inputs));
    faultPoint("worker/staged");
    return { ...prepared, inputs };
  } catch (fault) {
    return { ...prepared, fault };
  } finally {
    clock.end();
  }
}

/** It is not to begin after all. */
export function putBack({ worker }: Execution, { attempted }: Prepared): void {
  if (attempted.staging) worker.staging.takeBack(attempted.staging);
}

/** Never rejects: what goes wrong is the outcome. */
export async function perform(
  execution: Execution,
  prepared: Prepared,
  started: (key: string, attemptId: string) => void,
): Promise<Attempted> {
  const { worker } = execution;
  const { attempted, job, request } = prepared;
  const { key, attempt, attemptId, log } = attempted;
  attempted.begin = performance.now();
  log.from = log.to = worker.log.position();
  try {
    const opened = { recipe: job.recipe.digest, host: worker.host, pid: process.pid, batch: request.batch, ...(worker.nodes === undefined ? {} : { nodes: worker.nodes }) }; // prettier-ignore
    const begins = { file: worker.log.file, from: log.from };
    worker.journal.append({ type: "attempt-started", at: Date.now(), key, attempt, attemptId, ...opened, log: begins });
  } catch (error) {
    attempted.outcome = { kind: "unclaimed", error, machine: faultOfRecording(error) };
    return attempted;
  }
  faultPoint("worker/claimed");
  started(key, attemptId);
  try {
    if (!prepared.inputs) throw prepared.fault;
    attempted.outcome = attempted.adopting
      ? { kind: "receipt", receipt: await adopt(execution, prepared, prepared.inputs) }
      : { kind: "draft", draft: await make(execution, prepared, prepared.inputs) };
  } catch (error) {
    attempted.outcome = { kind: "failure", failure: ioFailure("running", error) };
  }
  log.to = worker.log.position();
  attempted.seconds = seconds(attempted.begin);
  return attempted;
}

/** Run, validate. */
async function make(execution: Execution, prepared: Prepared, inputs: ResolvedInputs): Promise<Draft> {
  const { worker } = execution;
  const { request, stage, job, attempted } = prepared;
  const { clock, attempt, attemptId } = attempted;
  const staging = attempted.staging!;
  clock.enter("run");
  const resources = { ...stage.resources, ...job.resources, ...request.resources };
  const result = await runJob(execution, { stage, job, inputs, staging, attempt, attemptId, resources });
  attempted.result = result;
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
  attempted.gates = evaluateGates(stage.gates, result.metrics);
  requireGates(attempted.gates);
  faultPoint("worker/validated");
  const digests = await digestOutputs(execution, stage, staging.outputs, clock);
  clock.end();
  return { stage, job, inputs, staging, checksPassed: checks.length, digests };
}

/** Outputs that are there already: validated in place. There are no metrics, so gates say nothing about them. */
async function adopt(
  execution: Execution,
  { stage, job, attempted: { clock, attemptId } }: Prepared,
  inputs: ResolvedInputs,
): Promise<Receipt> {
  const { worker } = execution;
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
  const digests = await digestOutputs(execution, stage, paths, clock);
  const outputs = step("looking at outputs", () => outputFacts(stage, job, worker.root, digests));
  return { ...receiptOf(stage, job, inputs, outputs, checks.length, [], []), adopted: true };
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
