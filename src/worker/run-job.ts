// Runs one staged job, task or command, and returns what it said of itself. Publishing and recording are elsewhere.
import type { ResourcesIR, StageIR } from "../ir/stage.ts";
import type { JobLine } from "../ir/job.ts";
import { nodeFits } from "../ir/node-version.ts";
import type { Phase } from "../state/events.ts";
import type { MetricFact } from "../state/receipt.ts";
import type { JournalWriter } from "../state/journal.ts";
import type { BundleReader } from "./bundle-reader.ts";
import { argumentVector, jobEnvironment } from "./command.ts";
import { attemptMarks, extended } from "./environment.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { AttemptFailure, machineFault, step } from "./failure.ts";
import type { ResolvedInputs } from "./inputs.ts";
import type { Launcher } from "./launcher.ts";
import type { WorkerLog } from "./log.ts";
import { readMetricsFile } from "./metrics.ts";
import type { TouchedFolders } from "./publish.ts";
import { runProgram } from "./spawn.ts";
import type { Staging, StagingArea } from "./staging.ts";
import type { TaskHost } from "./task-host.ts";

/** What a worker process holds open from start to end. */
export interface WorkerProcess {
  readonly name: string;
  readonly root: string;
  readonly campaignDir: string;
  readonly bundle: BundleReader;
  readonly journal: JournalWriter;
  readonly log: WorkerLog;
  readonly host: string;
  /** Nodes it has, or its share of one. Absent: one. */
  readonly nodes?: number;
  readonly threads: TaskHost;
  readonly folders: TouchedFolders;
  readonly staging: StagingArea;
  readonly launcher: Launcher;
  /** Environment jobs inherit. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Execution {
  readonly worker: WorkerProcess;
  /** Ends the running job. */
  readonly stop: AbortSignal;
  /** The allocation ends soon: the running job may go on, nothing new is begun. Absent: nobody says so. */
  readonly warn?: AbortSignal;
  /** False: another has taken over this work, nothing of it may be published. Absent: nobody could. */
  readonly holds?: () => boolean;
}

export interface StagedJob {
  readonly stage: StageIR;
  readonly job: JobLine;
  readonly inputs: ResolvedInputs;
  readonly staging: Staging;
  readonly attempt: number;
  readonly attemptId: string;
  readonly resources: ResourcesIR;
}

export interface JobResult {
  readonly metrics: readonly MetricFact[];
  /** Phases the job named itself; they lie within `run`. */
  readonly phases: readonly Phase[];
  readonly peakMemory?: number;
  /** Commands only. */
  readonly exit?: number;
  /** Environment for check commands: that of the job. */
  readonly env: NodeJS.ProcessEnv;
}

export function runJob(execution: Execution, staged: StagedJob): Promise<JobResult> {
  return staged.stage.run.kind === "task" ? runTask(execution, staged) : runCommand(execution, staged);
}

async function runTask(
  { worker, stop }: Execution,
  { stage, job, inputs, staging, attempt, attemptId, resources }: StagedJob,
): Promise<JobResult> {
  refuseOtherNode(stage, process.versions.node);
  const { key, point, params } = job;
  const order = {
    type: "task",
    module: worker.bundle.module(stage.name),
    key,
    point,
    params,
    inputs: inputs.values,
    outputs: staging.outputs,
    attempt,
  } as const;
  const reply = await worker.threads.order(order, limits(resources), stop);
  if (reply.type === "threw") throw new AttemptFailure("exit", reply.message, {}, machineFault(reply.code));
  if (reply.type !== "done") throw new Error(`the thread answered ${reply.type} to a task`);
  const env = extended(worker.env, attemptMarks(key, attemptId, worker.root));
  return { metrics: reply.metrics, phases: reply.phases, env, ...peak(reply.peakMemory) };
}

/** The last door: what a site's Node is, is known where the job runs. */
function refuseOtherNode({ node }: StageIR, actual: string): void {
  if (node !== undefined && !nodeFits(node, actual))
    throw new AttemptFailure(
      "exit",
      `its stage declares Node ${node}, and this worker runs in Node ${actual}: name another in the site's 'node'`,
    );
}

async function runCommand({ worker, stop, warn }: Execution, staged: StagedJob): Promise<JobResult> {
  const { stage, job, inputs, staging, attempt, attemptId } = staged;
  const { root, campaignDir } = worker;
  if (stage.run.kind !== "command") throw new TypeError(stage.run.kind);
  const argv = argumentVector(job, inputs.values, staging, stage.code, campaignDir);
  const env = jobEnvironment(worker.env, stage.run, job, staging, { attempt, attemptId, root, campaignDir });
  const { okExits } = stage.run;
  const checkpoint = step("making the checkpoint folder", () => openCheckpoint(stage, job, root, warn));
  if (checkpoint) env["CMC_CHECKPOINT_DIR"] = checkpoint.folder;
  const place = { cwd: staging.directory, logFd: worker.log.fd, ...(checkpoint ? { checkpoint } : {}) };
  const program = { argv, env, ...place, okExits, limits: limits(staged.resources) };
  const ran = await runProgram(program, worker.launcher, stop);
  return { metrics: readMetricsFile(staging.metricsFile), phases: [], env, exit: ran.exit, ...peak(ran.peakMemory) };
}

function limits({ walltime, memory }: ResourcesIR): { walltime?: number; memory?: number } {
  return { ...(walltime === undefined ? {} : { walltime }), ...(memory === undefined ? {} : { memory }) };
}

function peak(bytes: number | undefined): { peakMemory?: number } {
  return bytes === undefined ? {} : { peakMemory: bytes };
}
