// Runs one program in its own process group and sees to its end: time limit, memory limit, stop. It classifies; it does not look at outputs.
import { spawn } from "node:child_process";
import { AttemptFailure } from "./failure.ts";
import { findProgram } from "./find-program.ts";
import { oomKills, residentBytes, signalGroup } from "./process-group.ts";

export interface Limits {
  /** Seconds. */
  readonly walltime?: number;
  /** Bytes, of the whole group. */
  readonly memory?: number;
}

export interface Program {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Takes stdout and stderr: no pipe, so a chatty job cannot block on a busy worker. */
  readonly logFd: number;
  readonly okExits: readonly number[];
  readonly limits: Limits;
}

export interface Ran {
  readonly exit: number;
  readonly peakMemory?: number;
}

/** Time between SIGTERM and SIGKILL. */
const GRACE_MS = Number(process.env["CMC_GRACE_MS"] ?? 2000);
/** setTimeout overflows beyond 2^31 ms and would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;
const WATCH_MS = Number(process.env["CMC_WATCH_MS"] ?? 1000);

type Ended = "timeout" | "memory" | "cancelled";

/** Resolves when the program has ended well and nobody of its group is left; rejects with AttemptFailure. */
export function runProgram(program: Program, stop: AbortSignal): Promise<Ran> {
  const [file, ...args] = program.argv;
  if (file === undefined) throw new AttemptFailure("exit", "the command is empty");
  if (stop.aborted) throw new AttemptFailure("cancelled", "stopped before it was started");
  const { limits } = program;
  const oomBefore = limits.memory === undefined ? undefined : oomKills();
  const started = oomBaseline.before(oomBefore);

  return new Promise<Ran>((resolve, reject) => {
    const child = spawn(findProgram(file, program.env["PATH"]), args, {
      argv0: file,
      cwd: program.cwd,
      env: program.env,
      stdio: ["ignore", program.logFd, program.logFd],
      detached: true,
    });
    let why: Ended | undefined;
    let peak = 0;
    let killer: NodeJS.Timeout | undefined;
    const end = (reason: Ended): void => {
      if (why !== undefined || child.pid === undefined) return;
      why = reason;
      const leader = child.pid;
      if (reason === "memory") signalGroup(leader, "SIGKILL");
      else {
        signalGroup(leader, "SIGTERM");
        killer = setTimeout(() => signalGroup(leader, "SIGKILL"), GRACE_MS);
      }
    };
    const clock =
      limits.walltime === undefined
        ? undefined
        : setTimeout(end, Math.min(limits.walltime * 1000, LONGEST_MS), "timeout");
    const watch = setInterval(() => {
      if (child.pid === undefined) return;
      const bytes = residentBytes(child.pid);
      if (bytes > peak) peak = bytes;
      if (limits.memory !== undefined && bytes > limits.memory) end("memory");
    }, WATCH_MS);
    const cancel = (): void => end("cancelled");
    const settle = (): void => {
      clearTimeout(clock);
      clearTimeout(killer);
      clearInterval(watch);
      stop.removeEventListener("abort", cancel);
    };
    stop.addEventListener("abort", cancel, { once: true });
    if (stop.aborted) cancel();

    child.once("error", (error: NodeJS.ErrnoException) => {
      settle();
      reject(notStarted(file, error));
    });
    child.once("exit", (code, signal) => {
      settle();
      void emptyGroup(child.pid!).then(() => {
        const failure = classify(program, code, signal, why, peak, started);
        if (failure) reject(failure);
        else resolve({ exit: code!, ...(peak > 0 ? { peakMemory: peak } : {}) });
      });
    });
  });
}

function classify(
  program: Program,
  code: number | null,
  signal: NodeJS.Signals | null,
  why: Ended | undefined,
  peak: number,
  oomBefore: number,
): AttemptFailure | undefined {
  const { limits } = program;
  if (why === "timeout")
    return new AttemptFailure("timeout", `killed after ${limits.walltime} s (walltime)`, ends(code, signal));
  if (why === "cancelled") return new AttemptFailure("cancelled", "stopped while it ran", ends(code, signal));
  if (why === "memory")
    return new AttemptFailure(
      "oom",
      `killed: ${megabytes(peak)} resident, ${megabytes(limits.memory!)} declared`,
      ends(code, signal),
    );
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
