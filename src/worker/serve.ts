// --serve: requests from stdin, answers on stdout, one job at a time in the order received. End of stdin means stop now: the apply is gone.
import { writeSync } from "node:fs";
import { attempt } from "./attempt.ts";
import { type Answer, type JobRequest, LineSplitter, type Request } from "./protocol.ts";
import type { ServeMode } from "./options.ts";
import type { Execution } from "./run-job.ts";

/** Resolves with the exit code when stdin has ended or a signal has stopped the worker, and the running job is recorded. */
export async function serve(execution: Execution, stop: AbortController, { parent }: ServeMode): Promise<number> {
  const { worker } = execution;
  const queue: JobRequest[] = [];
  let wake: (() => void) | undefined;
  const lines = new LineSplitter();

  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (chunk: string) => {
    for (const line of lines.push(chunk)) {
      const request = JSON.parse(line) as Request;
      if (request.type === "drop") say({ type: "dropped", count: queue.splice(0).length }, stop);
      else queue.push(request);
    }
    wake?.();
  });
  process.stdin.on("end", () => stop.abort());
  process.stdin.on("error", () => stop.abort());
  stop.signal.addEventListener("abort", () => wake?.());

  say({ type: "ready", pid: process.pid, journal: worker.journal.file }, stop);
  while (!stop.signal.aborted) {
    const request = queue.shift();
    if (!request) {
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
    say(await attempt(execution, request, (key, attemptId) => say({ type: "started", key, attemptId }, stop)), stop);
  }
  process.stdin.destroy();
  return 0;
}

/** Synchronous: an answer must not sit in a buffer while the next job blocks. A broken pipe means the apply is gone. */
function say(answer: Answer, stop: AbortController): void {
  try {
    writeSync(1, `${JSON.stringify(answer)}\n`);
  } catch {
    stop.abort();
  }
}
