// Runs one program in its own process group and sees to its end: time limit, memory limit, stop. It classifies; it does not look at outputs.
import { setTimeout as sleep } from "node:timers/promises";
import { type Checkpoint, isCheckpoint, warnInTime } from "./checkpoint.ts";
import { AttemptFailure } from "./failure.ts";
import type { Launcher } from "./launcher.ts";
import { oomKills, residentBytes, signalGroup } from "./process-group.ts";
import type { Ended, Running, Start } from "./running.ts";

export interface Limits {
  /** Seconds. */
  readonly walltime?: number;
  /** Bytes, of the whole group. */
  readonly memory?: number;
}

export interface Program extends Start {
  readonly okExits: readonly number[];
  readonly limits: Limits;
  /** Absent: it writes none. */
  readonly checkpoint?: Checkpoint;
}

export interface Ran {
  readonly exit: number;
  readonly peakMemory?: number;
}

/** Time between SIGTERM and SIGKILL. */
const GRACE_MS = Number(process.env["CMC_GRACE_MS"] ?? 2000);
/** Time to write a checkpoint when SLURM ends the allocation: it sends SIGKILL 30 s (KillWait) after SIGTERM. */
const CHECKPOINT_MS = 10 * GRACE_MS;
/** setTimeout overflows beyond 2^31 ms and would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;
const WATCH_MS = Number(process.env["CMC_WATCH_MS"] ?? 1000);

/** Why this side ended it. */
type Reason = "timeout" | "memory" | "cancelled";

/** Resolves when the program has ended well and nobody of its group is left; rejects with AttemptFailure. */
export async function runProgram(program: Program, launcher: Launcher, stop: AbortSignal): Promise<Ran> {
  const [file] = program.argv;
  if (file === undefined) throw new AttemptFailure("exit", "the command is empty");
  if (stop.aborted) throw new AttemptFailure("cancelled", "stopped before it was started");
  const oomBefore = oomBaseline.before(program.limits.memory === undefined ? undefined : oomKills());
  const running = await launcher.start(program);
  const { end, why, peak } = await supervise(running, program, stop);
  if (end.error) throw notStarted(file, end.error);
  if (running.pid > 0 && !end.alone) await emptyGroup(running.pid);
  const failure = classify(program, end, why, peak, oomBefore);
  if (failure && why === undefined && (await endsWithUs(end, failure, stop)))
    throw new AttemptFailure("cancelled", "ended with its allocation", ends(end.code, end.signal));
  if (failure) throw failure;
  return { exit: end.code!, ...(peak > 0 ? { peakMemory: peak } : {}) };
}

/** Until its leader ends, of itself or by a limit or a stop. */
async function supervise(
  { pid, ended }: Running,
  { limits, checkpoint }: Program,
  stop: AbortSignal,
): Promise<{ readonly end: Ended; readonly why: Reason | undefined; readonly peak: number }> {
  let why: Reason | undefined;
  let peak = 0;
  let killer: NodeJS.Timeout | undefined;
  const end = (reason: Reason): void => {
    if (why !== undefined || pid === 0) return;
    why = reason;
    signalGroup(pid, reason === "memory" ? "SIGKILL" : "SIGTERM");
    killer = setTimeout(() => signalGroup(pid, "SIGKILL"), GRACE_MS);
  };
  const clock =
    limits.walltime === undefined
      ? undefined
      : setTimeout(end, Math.min(limits.walltime * 1000, LONGEST_MS), "timeout");
  const watch = setInterval(() => {
    const bytes = residentBytes(pid);
    if (bytes > peak) peak = bytes;
    if (limits.memory !== undefined && bytes > limits.memory) end("memory");
  }, WATCH_MS);
  const quiet = checkpoint && pid > 0 ? warnInTime(pid, checkpoint, limits.walltime) : undefined;
  let patience: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    if (checkpoint?.warn?.aborted) patience = setTimeout(end, CHECKPOINT_MS, "cancelled");
    else end("cancelled");
  };
  stop.addEventListener("abort", cancel, { once: true });
  if (stop.aborted) cancel();
  try {
    return { end: await ended, why, peak };
  } finally {
    clearTimeout(clock);
    clearTimeout(killer);
    clearTimeout(patience);
    quiet?.();
    clearInterval(watch);
    stop.removeEventListener("abort", cancel);
  }
}

/** 128 + HUP, INT, KILL, TERM: what a shell says of a child that was ended. */
const ENDED_CODES: ReadonlySet<number | null> = new Set([129, 130, 137, 143]);

/**
 * SLURM ends an allocation by signals to all its processes, and a job may be gone before its worker has heard of it. A job that was ended by
 * somebody counts as failed only when its worker is not being ended, too: by SIGTERM, or at once.
 */
async function endsWithUs(
  { code, signal }: Ended,
  { attemptClass }: AttemptFailure,
  stop: AbortSignal,
): Promise<boolean> {
  if (attemptClass !== "signal" && !(attemptClass === "exit" && ENDED_CODES.has(code))) return false;
  if (process.env["SLURM_JOB_ID"] !== undefined && (signal === null || ENDING.has(signal)))
    await sleep(ALL_SIGNALLED_MS, undefined, { signal: stop }).catch(() => undefined);
  return stop.aborted;
}

const ENDING: ReadonlySet<string> = new Set(["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM"]);
const ALL_SIGNALLED_MS = 1000;

function classify(
  program: Program,
  { code, signal, lost }: Ended,
  why: Reason | undefined,
  peak: number,
  oomBefore: number,
): AttemptFailure | undefined {
  const { limits, checkpoint } = program;
  if (checkpoint && isCheckpoint(checkpoint, code))
    return new AttemptFailure("checkpoint", `gave way and left a checkpoint (exit code ${code})`, ends(code, signal));
  if (why === "timeout")
    return new AttemptFailure("timeout", `killed after ${limits.walltime} s (walltime)`, ends(code, signal));
  if (why === "cancelled") return new AttemptFailure("cancelled", "stopped while it ran", ends(code, signal));
  if (why === "memory")
    return new AttemptFailure(
      "oom",
      `killed: ${megabytes(peak)} resident, ${megabytes(limits.memory!)} declared`,
      ends(code, signal),
    );
  if (lost) return new AttemptFailure("lost", "the process that had started it is gone");
  if (signal === "SIGKILL" && oomBaseline.rose(oomBefore))
    return new AttemptFailure("oom", "killed by the kernel for memory (SIGKILL while its oom_kill count rose)", {
      signal,
    });
  if (signal !== null) return new AttemptFailure("signal", `ended by ${signal}`, { signal });
  if (!program.okExits.includes(code!))
    return new AttemptFailure("exit", `${program.argv[0]!} exited with ${code}`, { exit: code! });
  return undefined;
}

function ends(code: number | null, signal: NodeJS.Signals | null): { exit?: number; signal?: string } {
  return signal !== null ? { signal } : code !== null ? { exit: code } : {};
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function notStarted(file: string, error: NodeJS.ErrnoException): AttemptFailure {
  const why =
    error.code === "ENOENT" ? `program not found: ${file} (looked for on PATH; the working directory is the staging directory)`
    : error.code === "EACCES" ? `${file} is not executable`
    : error.code === "E2BIG" ? "the argument list is too long; pass a list file (`inputs.PORT.list`) instead of `each`"
    : `${file} could not be started: ${error.message}`; // prettier-ignore
  return new AttemptFailure("exit", why, { exit: error.code === "ENOENT" ? 127 : 126 });
}

/** A job is over when its leader is; what it left in the background would write into a directory that is about to be published. */
async function emptyGroup(leader: number): Promise<void> {
  if (!signalGroup(leader, "SIGKILL")) return;
  // Zombies of a container without a reaper stay in the group for ever: they hold nothing, so do not wait long.
  for (let wait = 1; wait < 200 && signalGroup(leader, 0); wait *= 2)
    await new Promise((done) => setTimeout(done, wait));
}

/** The kernel's count of memory kills. Reading it costs as much as a short job, so it is read again only when it is older than a second. */
const oomBaseline = {
  count: -1,
  at: 0,
  before(fresh: number | undefined): number {
    const now = Date.now();
    if (fresh !== undefined) [this.count, this.at] = [fresh, now];
    else if (this.count < 0 || now - this.at > 1000) [this.count, this.at] = [oomKills(), now];
    return this.count;
  },
  rose(before: number): boolean {
    const now = oomKills();
    this.count = now;
    return now > before;
  },
};
