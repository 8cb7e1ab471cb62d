// Starts worker processes as an array task or a pilot of SLURM would, on a hand-made campaign: task files, claims, packs, and how they ended.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskJob, TaskLine } from "../../src/ir/task-line.ts";
import type { Claim } from "../../src/worker/claim.ts";
import type { TestCampaign } from "./worker-bundle.ts";

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
}

export interface StartedWorker {
  readonly child: ChildProcess;
  readonly end: Promise<WorkerEnd>;
}

export type Env = Readonly<Record<string, string>>;

export function startWorker(
  campaign: TestCampaign,
  name: string,
  args: readonly string[],
  env: Env = {},
): StartedWorker {
  const { bundleDir, root, campaignDir, home } = campaign;
  const places = ["--bundle", bundleDir, "--root", root, "--campaign-dir", campaignDir, "--run", "r1", "--name", name];
  const child = spawn(process.execPath, [join(bundleDir, "worker.mjs"), ...places, ...args], {
    cwd: home,
    env: { ...process.env, CMC_HEARTBEAT_MS: "50", CMC_POLL_MS: "20", CMC_GRACE_MS: "300", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let err = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (err += text));
  const end = new Promise<WorkerEnd>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal, err })),
  );
  return { child, end };
}

/** Jobs [from, to) of the first batch, as the scheduler side would ask for them. */
export function taskJobs({ batches, table }: TestCampaign, from: number, to: number, attempt = 1): TaskJob[] {
  const { name } = table.stages[0]!.stage;
  return Array.from({ length: to - from }, (_, i) => {
    const line = from + i;
    return { type: "run", key: `${name}[i=${line}]`, batch: batches[0]!.id, line, attempt };
  });
}

/** One line a task. */
export function writeTasks({ root }: TestCampaign, token: string, lines: readonly TaskLine[]): string {
  const file = join(root, "submissions", `${token}.tasks`);
  mkdirSync(join(root, "submissions"), { recursive: true });
  mkdirSync(join(root, "claims", token), { recursive: true });
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return file;
}

export function claimOf({ root }: TestCampaign, token: string, task: number): Claim {
  return JSON.parse(readFileSync(join(root, "claims", token, String(task)), "utf8")) as Claim;
}

/** What SLURM would set. */
export function slurm(job: number, restart = 0): Env {
  return { SLURM_JOB_ID: String(job), SLURM_ARRAY_JOB_ID: String(job), SLURM_RESTART_COUNT: String(restart) };
}

export function poolFolder({ root }: TestCampaign): string {
  const folder = join(root, "pool", "main");
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function writePack(folder: string, order: number, id: string, jobs: readonly TaskJob[]): void {
  const file = join(folder, `${String(order).padStart(6, "0")}-${id}.pack`);
  writeFileSync(`${file}.tmp`, JSON.stringify({ jobs }));
  renameSync(`${file}.tmp`, file);
}
