// The worker's command line: what is missing or unknown is a usage error in words, never a stack trace.
import { expect, it } from "vitest";
import { parseOptions, UsageError } from "../../../src/worker/options.ts";

const BASE = ["--bundle", "b", "--root", "r", "--campaign-dir", "c", "--run", "1", "--name", "w0"];

it("reads both modes", () => {
  expect(parseOptions([...BASE, "--serve"]).mode).toEqual({ kind: "serve" });
  expect(parseOptions([...BASE, "--batch", "m-1"]).mode).toEqual({ kind: "slice", batch: "m-1", from: 0 });
  expect(parseOptions([...BASE, "--batch", "m-1", "--from", "2", "--to", "4"])).toEqual({
    bundle: "b", root: "r", campaignDir: "c", run: "1", name: "w0", mode: { kind: "slice", batch: "m-1", from: 2, to: 4 },
  }); // prettier-ignore
});

it.each([
  [["--serve", "--frm", "1"], /--frm/],
  [["--batch"], /--batch/],
  [["--serve", "--batch", "m-1"], /exclude each other/],
  [["--batch", "m-1", "--to", "-1"], /--to/],
  [[], /--batch is missing/],
  [["stray"], /stray/],
])("%j is refused", (more, message) => {
  expect(() => parseOptions([...BASE, ...more])).toThrow(UsageError);
  expect(() => parseOptions([...BASE, ...more])).toThrow(message);
});
