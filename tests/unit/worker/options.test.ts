// The worker's command line: what is missing or unknown is a usage error in words, never a stack trace.
import { expect, it } from "vitest";
import { parseOptions, UsageError } from "../../../src/worker/options.ts";

const BASE = ["--bundle", "b", "--root", "r", "--campaign-dir", "c", "--run", "1", "--name", "w0"];
const TASK = ["--tasks", "t", "--task", "3"];

it.each([
  [["--serve"], { kind: "serve" }],
  [["--serve", "--parent", "7"], { kind: "serve", parent: 7 }],
  [TASK, { kind: "task", file: "t", task: 3 }],
  [[...TASK, "--token", "k", "--until", "99"], { kind: "task", file: "t", task: 3, token: "k", until: 99 }],
  [["--pool", "p"], { kind: "pool", folder: "p", lease: 300, idle: 300, brake: 20 }],
  [
    ["--pool", "p", "--lease", "0.5", "--idle", "1", "--brake", "3", "--until", "99"],
    { kind: "pool", folder: "p", lease: 0.5, idle: 1, brake: 3, until: 99 },
  ],
])("%j is a mode", (more, mode) => {
  expect(parseOptions([...BASE, ...more])).toEqual({
    bundle: "b", root: "r", campaignDir: "c", run: "1", name: "w0", mode,
  }); // prettier-ignore
});

it.each([
  [["--serve", "--frm", "1"], /--frm/],
  [["--tasks"], /--tasks/],
  [["--serve", ...TASK], /--serve and --tasks exclude each other/],
  [["--serve", "--until", "9"], /--until does not go with --serve/],
  [[...TASK, "--brake", "9"], /--brake does not go with --tasks/],
  [["--tasks", "t"], /--task is missing/],
  [["--tasks", "t", "--task", "one"], /--task one is not a whole number/],
  [["--pool", "p", "--brake", "0.5"], /--brake 0.5 is not a whole number/],
  [["--pool", "p", "--idle", "5m"], /--idle 5m is not a number/],
  [[...TASK, "--token", "a/b"], /--token a\/b cannot name a file/],
  [[], /--tasks, --pool or --serve is missing/],
  [["stray"], /stray/],
])("%j is refused", (more, message) => {
  expect(() => parseOptions([...BASE, ...more])).toThrow(UsageError);
  expect(() => parseOptions([...BASE, ...more])).toThrow(message);
});
