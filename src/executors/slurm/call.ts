// Spawns one SLURM program and waits for its end, its silence or its limits. Knows nothing of what it says; the only child process here.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Ran } from "./answer.ts";
import type { Environment } from "./environment.ts";

export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** Seconds. */
  readonly timeout: number;
  /** Bytes of stdout, and of stderr. */
  readonly maxOutput: number;
  /** Seconds, ever increasing. */
  readonly clock: () => number;
}

/** ms after the end of a program until children that hold its pipes are ended too, and until we no longer wait for what cannot be ended. */
const LAST_WORDS = 500;
const PATIENCE = 5000;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Rejects only for what nobody could run, a NUL in an argument. In a process group of its own: a wrapper's
 * children are ended with it, and an interrupt typed at our terminal does not end a submission halfway.
 */
export function call({ program, args, env, timeout, maxOutput, clock }: Call): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const begin = clock();
    const stdout = new Output(maxOutput);
    const stderr = new Output(maxOutput);
    const timers: NodeJS.Timeout[] = [];
    let ended: Pick<Ran, "code" | "timedOut" | "absent" | "notStarted"> = { code: null, timedOut: false };
    let unfinished = false;
    let settled = false;

    const settle = () => {
      if (settled) return;
      settled = true;
      timers.forEach(clearTimeout);
      const overflow = unfinished || stdout.full || stderr.full;
      resolve({ program, stdout: stdout.text(), stderr: stderr.text(), overflow, seconds: clock() - begin, ...ended });
    };
    const never = (error: NodeJS.ErrnoException) => {
      const absent = error.code === "ENOENT" || error.code === "EACCES";
      ended = { ...ended, ...(absent ? { absent } : { notStarted: error.message }) };
      settle();
    };

    let child: Child;
    try {
      child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall?.startsWith("spawn")) never(error as NodeJS.ErrnoException);
      else reject(error);
      return;
    }
    /** A program that waits for a dead file system cannot be ended: then we go without it. */
    const giveUp = () => {
      unfinished = true;
      child.stdout.destroy();
      child.stderr.destroy();
      settle();
    };
    const end = () => {
      endGroup(child);
      timers.push(setTimeout(giveUp, PATIENCE));
    };
    timers.push(
      setTimeout(() => {
        ended = { ...ended, timedOut: true };
        end();
      }, timeout * 1000),
    );
    child.on("error", (error) => child.pid === undefined && never(error));
    child.on("exit", (code) => {
      ended = { ...ended, code };
      timers.push(setTimeout(end, LAST_WORDS));
    });
    child.on("close", settle);
    // Without file descriptors left there is no child, and there are no pipes.
    child.stdout?.on("data", (chunk: Buffer) => stdout.take(chunk) || end());
    child.stderr?.on("data", (chunk: Buffer) => stderr.take(chunk) || end());
  });
}

class Output {
  readonly #chunks: Buffer[] = [];
  readonly #most: number;
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get full(): boolean {
    return this.#size > this.#most;
  }

  /** False: this chunk is too much. */
  take(chunk: Buffer): boolean {
    const wasFull = this.full;
    this.#size += chunk.length;
    if (!this.full) this.#chunks.push(chunk);
    return wasFull || !this.full;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

function endGroup(child: Child): void {
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch {
    // gone already
  }
}
