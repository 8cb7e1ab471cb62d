// --serve: requests from stdin, answers on stdout, one job at a time in the order received. End of stdin means stop now: the apply is gone.
import { writeSync } from "node:fs";
import { type Attempted, perform, prepare, type Prepared, putBack } from "./attempt.ts";
import { type Answer, type JobRequest, LineSplitter, type Request } from "./protocol.ts";
import type { ServeMode } from "./options.ts";
import { Publisher } from "./publisher.ts";
import type { Execution } from "./run-job.ts";

/** Resolves with the exit code when stdin has ended or a signal has stopped the worker, and the running job is recorded. */
export async function serve(execution: Execution, stop: AbortController, { parent }: ServeMode): Promise<number> {
  const { worker } = execution;
  const queue: JobRequest[] = [];
  const answers = new Answers(stop);
  let wake: (() => void) | undefined;
  const lines = new LineSplitter();
  const publisher = new Publisher(worker);
  const ahead = new Ahead(execution);

  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (chunk: string) => {
    for (const line of lines.push(chunk)) {
      const request = JSON.parse(line) as Request;
      if (request.type === "drop") answers.say({ type: "dropped", count: queue.splice(0).length });
      else queue.push(request);
    }
    wake?.();
  });
  process.stdin.on("end", () => stop.abort());
  process.stdin.on("error", () => stop.abort());
  stop.signal.addEventListener("abort", () => wake?.());

  answers.say({ type: "ready", pid: process.pid, journal: worker.journal.file });
  while (!stop.signal.aborted) {
    const request = queue.shift();
    if (!request) {
      void publisher.flush();
      await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
      continue;
    }
    if (parent !== undefined && process.ppid !== parent) {
      // Its requests may lie in the pipe while the next apply runs already. That apply either found this worker's journal, which was
      // opened before this line, and waits for its end, or it came later, and then the parent was gone before this line.
      stop.abort();
      break;
    }
    const started = (key: string, attemptId: string): void => answers.saySoon({ type: "started", key, attemptId });
    const running = perform(execution, ahead.take(request), started);
    ahead.look(queue[0]);
    const attempted = await running;
    ahead.ended(attempted);
    await publisher.add(attempted, (finished) => answers.say(finished));
  }
  ahead.putBack();
  await publisher.flush();
  process.stdin.destroy();
  return 0;
}

/** Below this what comes before and after a job is a part of its price. */
const SHORT_MS = 250;

/** While short jobs run, the next one is prepared. */
class Ahead {
  private prepared: Prepared | undefined;
  private short = false;

  constructor(private readonly execution: Execution) {}

  take(request: JobRequest): Prepared {
    const { prepared } = this;
    if (prepared?.request === request) return ((this.prepared = undefined), prepared);
    this.putBack();
    return prepare(this.execution, request);
  }

  look(next: JobRequest | undefined): void {
    if (this.short && next) this.prepared = prepare(this.execution, next);
  }

  ended({ begin }: Attempted): void {
    this.short = performance.now() - begin < SHORT_MS;
  }

  putBack(): void {
    if (this.prepared) putBack(this.execution, this.prepared);
    this.prepared = undefined;
  }
}

/** A person cannot see a job start and end within it; the apply is woken once for both. */
const SOON_MS = 20;

class Answers {
  private waiting = "";
  private timer: NodeJS.Timeout | undefined;
  private flushing = false;

  constructor(private readonly stop: AbortController) {}

  saySoon(answer: Answer): void {
    this.waiting += `${JSON.stringify(answer)}\n`;
    this.timer ??= setTimeout(() => this.flush(), SOON_MS);
  }

  /** With the others of its group: each message wakes the apply. */
  say(answer: Answer): void {
    this.waiting += `${JSON.stringify(answer)}\n`;
    if (this.flushing) return;
    this.flushing = true;
    queueMicrotask(() => this.flush());
  }

  /** Synchronous: an answer must not sit in a buffer while the next job blocks. A broken pipe means the apply is gone. */
  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing = false;
    const text = this.waiting;
    this.waiting = "";
    try {
      writeSync(1, text);
    } catch {
      this.stop.abort();
    }
  }
}
