// What a worker's death says of its job: crashes count as the job's, being ended from outside does not.
import { expect, test } from "vitest";
import { deathOf } from "../../../src/executors/local/worker-death.ts";

const end = (signal: NodeJS.Signals | null, code: number | null = null) => ({ code, signal, stderr: "" });

test.each([
  ["the kernel killed it for memory", end("SIGKILL"), true, "oom"],
  ["somebody killed it", end("SIGKILL"), false, "lost"],
  ["somebody ended it", end("SIGTERM"), true, "lost"],
  ["it ended by itself", end(null, 1), false, "lost"],
  ["it crashed", end("SIGSEGV"), false, "signal"],
  ["it aborted, as Node does without memory", end("SIGABRT"), false, "signal"],
] as const)("%s", (_, death, memoryKilled, expected) => {
  expect(deathOf(death, memoryKilled).class).toBe(expected);
});
