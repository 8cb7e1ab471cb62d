// One campaign root under fire: applies are started, killed and started again on it, and it remembers what may be there.
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { markedProcesses } from "../../src/executors/local/processes.ts";
import { liveWriters } from "../../src/state/journal-writers.ts";
import { isAlive } from "../../src/state/process-id.ts";
import { readJournals } from "../../src/state/read-journal.ts";
import { type ExpectedJob, expectedJobs } from "./chaos-campaign.ts";
import type { Finished, Rig } from "./cli.ts";
import { processesWith } from "./processes.ts";

export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Finished>;
}

export class Life {
  /** Folder of the root and of the side file; nothing else on this machine carries its name. */
  readonly base: string;
  readonly root: string;
  /** What was applied so far, by edition. */
  readonly expected = new Map<number, readonly ExpectedJob[]>();
  edition = 0;

  private constructor(
    readonly rig: Rig,
    readonly name: string,
    readonly boxes: number,
    private readonly pause: number,
  ) {
    this.base = join(rig.dir, name);
    this.root = join(this.base, "chaos_v1.0");
    mkdirSync(this.base);
  }

  /** `pause`: seconds that a probe takes. */
  static async begin(rig: Rig, name: string, boxes = 2, pause = 0.05): Promise<Life> {
    const life = new Life(rig, name, boxes, pause);
    await life.next();
    return life;
  }

  /** The campaign is edited: every job is to be made again. */
  async next(): Promise<void> {
    this.edition += 1;
    this.expected.set(this.edition, await expectedJobs(this.boxes, this.edition));
  }

  get jobs(): readonly ExpectedJob[] {
    return this.expected.get(this.edition)!;
  }

  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running {
    const [command, ...rest] = args;
    return this.rig.start([command!, ...this.options, ...rest], env);
  }

  /** Of every command: where, and what. */
  get options(): readonly string[] {
    const { base, edition, boxes, pause } = this;
    return ["--base", base, ...Object.entries({ edition, boxes, pause }).flatMap(([name, value]) => ["--set", `${name}=${value}`])]; // prettier-ignore
  }

  apply(env?: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Finished> {
    return this.startApply(env, args).done;
  }

  startApply(env?: Readonly<Record<string, string>>, args: readonly string[] = []): Running {
    return this.start(["apply", "--auto-approve", "--jobs", "2", ...args], env);
  }

  /** Pids of workers that live, by their journals. */
  workers(): number[] {
    return liveWriters(readJournals(this.root).writers).flatMap((writer) =>
      writer.writer === "worker" ? [writer.pid] : [],
    );
  }

  /** Leaders of the process groups of jobs that run. */
  jobGroups(): number[] {
    return markedProcesses(this.root, () => true).flatMap(({ pid, group }) => (pid === group ? [pid] : []));
  }

  /** Jobs that really began, by their own word. */
  executed(): number {
    return readFileSync(join(this.base, "side"), "utf8").split("\n").filter((line) => line.startsWith("start ")).length; // prettier-ignore
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true });
  }

  /** Only a process of this life: its start time is compared, so a pid that was used again is never hit. */
  signalWorker(pid: number, signal: NodeJS.Signals): boolean {
    const worker = readJournals(this.root).writers.find(
      (writer) => writer.writer === "worker" && writer.pid === pid && isAlive(writer),
    );
    return worker !== undefined && send(pid, signal);
  }
}

/** False: it is gone already. */
export function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}

/** After a test that failed: nobody of this rig is left on the machine. Its folder's name is in their arguments or environment. */
export function endEverybody({ dir }: Rig): void {
  for (const pid of processesWith(dir)) send(pid, "SIGKILL");
}
