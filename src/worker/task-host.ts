// The worker's side of its thread: starts it when needed, keeps it from job to job, ends it on a time limit, a full heap or a stop.
import { Worker } from "node:worker_threads";
import { AttemptFailure } from "./failure.ts";
import type { Limits } from "./spawn.ts";
import type { Order, Reply, ThreadData } from "./thread-protocol.ts";

const LONGEST_MS = 2 ** 31 - 1;
const WATCH_MS = Number(process.env["CMC_WATCH_MS"] ?? 1000);
const MEGABYTE = 1e6;

export class TaskHost {
  private thread: Worker | undefined;
  private heapLimit: number | undefined;
  /** Resident bytes of the process before any thread. */
  private readonly base = process.memoryUsage.rss();

  /** `file`: what the thread runs; this very file, worker.mjs once it is built. */
  constructor(
    private readonly logFd: number,
    private readonly file = new URL(import.meta.url),
  ) {}

  /** Rejects with AttemptFailure; after a failure that ended the thread the next order starts a new one. */
  async order(order: Order, limits: Limits, stop: AbortSignal): Promise<Reply & { peakMemory?: number }> {
    const thread = this.ready(limits.memory);
    // What earlier jobs left behind (a wasm heap never shrinks) is not this one's.
    const before = limits.memory === undefined ? 0 : process.memoryUsage.rss();
    let peak = 0;
    return new Promise((resolve, reject) => {
      const clock =
        limits.walltime === undefined
          ? undefined
          : setTimeout(
              () => end(new AttemptFailure("timeout", `ended after ${limits.walltime} s (walltime)`)),
              Math.min(limits.walltime * 1000, LONGEST_MS),
            );
      // The heap limit does not see typed arrays; the watchdog does, within a second.
      const watch =
        limits.memory === undefined
          ? undefined
          : setInterval(() => {
              peak = Math.max(peak, process.memoryUsage.rss() - before);
              if (peak > limits.memory!)
                end(
                  new AttemptFailure(
                    "oom",
                    `ended: ${megabytes(peak)} resident, ${megabytes(limits.memory!)} declared`,
                  ),
                );
            }, WATCH_MS);
      const cancel = (): void => end(new AttemptFailure("cancelled", "stopped while it ran"));
      const settle = (): void => {
        clearTimeout(clock);
        clearInterval(watch);
        stop.removeEventListener("abort", cancel);
        thread.off("message", answered);
        thread.off("error", crashed);
        thread.off("exit", left);
      };
      const end = (failure: AttemptFailure): void => {
        settle();
        this.thread = undefined;
        // Only when the thread is gone is it certain that it writes no more.
        void thread.terminate().then(() => reject(failure));
      };
      const answered = (reply: Reply): void => {
        settle();
        resolve(peak > 0 ? { ...reply, peakMemory: peak } : reply);
      };
      const crashed = (error: NodeJS.ErrnoException): void => {
        const oom = error.code === "ERR_WORKER_OUT_OF_MEMORY";
        end(
          new AttemptFailure(
            oom ? "oom" : "exit",
            oom ? `heap full: ${this.heapText()}` : `${error.name}: ${error.message}`,
          ),
        );
      };
      const left = (code: number): void =>
        end(new AttemptFailure("exit", `the task ended its thread (process.exit(${code}))`, { exit: code }));
      thread.once("message", answered);
      thread.once("error", crashed);
      thread.once("exit", left);
      stop.addEventListener("abort", cancel, { once: true });
      if (stop.aborted) cancel();
      else thread.postMessage(order);
    });
  }

  async close(): Promise<void> {
    await this.thread?.terminate();
    this.thread = undefined;
  }

  private ready(memory: number | undefined): Worker {
    const full = memory !== undefined && process.memoryUsage.rss() - this.base > memory;
    if (this.thread && this.heapLimit === memory && !full) return this.thread;
    if (this.thread) void this.thread.terminate();
    this.heapLimit = memory;
    const data: ThreadData = { logFd: this.logFd };
    this.thread = new Worker(this.file, {
      workerData: data,
      stdout: true,
      stderr: true,
      resourceLimits: {
        // The process is started with a small young generation for the sake of fork; tasks get Node's own.
        maxYoungGenerationSizeMb: 48,
        ...(memory === undefined ? {} : { maxOldGenerationSizeMb: Math.max(16, Math.floor(memory / MEGABYTE)) }),
      },
    });
    this.thread.on("error", () => (this.thread = undefined));
    return this.thread;
  }

  private heapText(): string {
    return this.heapLimit === undefined ? "the default limit of Node" : megabytes(this.heapLimit);
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MEGABYTE)} MB`;
}
