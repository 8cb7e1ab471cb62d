// The log of a deep verification: what an interrupted one had read, whatever was left of its last line, and when it counts no more.
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Candidate } from "../../../src/verify/candidates.ts";
import { lastDigests, openDeepLog } from "../../../src/verify/deep-log.ts";
import { temporaryRoot } from "../state/support.ts";

let root: string;
beforeEach(() => (root = temporaryRoot()));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const file = () => join(root, "metadata", "verify.ndjson");
const output = (name: string, more: Partial<Candidate> = {}): Candidate => ({
  row: 0, key: "k", attemptId: "k#1", name, path: `${name}.h5`, folder: false, size: 10, mtime: "1.000000000", ...more,
}); // prettier-ignore
const open = (more: { selection?: string; restart?: boolean; now?: number } = {}) =>
  openDeepLog(root, { selection: "", restart: false, now: 1, ...more });
const digest = (letter: string) => letter.repeat(64);

/** Killed after it had read so many. */
function interrupted(names: readonly string[], selection = ""): void {
  const log = open({ selection });
  for (const name of names) log.add(output(name), digest(name));
  log.close();
}

describe("the log of a deep verification", () => {
  it("knows what an interrupted one had read, as long as it is as it was then", () => {
    interrupted(["a", "b"]);
    const log = open({ now: 7 });
    expect(log.resumed).toBe(1);
    expect(["a", "b", "c"].map((name) => log.known(output(name)))).toEqual([digest("a"), digest("b"), undefined]);
    for (const more of [{ size: 11 }, { mtime: "2.000000000" }, { attemptId: "k#2" }])
      expect(log.known(output("a", more))).toBeUndefined();
  });

  it("begins anew after one that was finished, and on request", () => {
    interrupted(["a"]);
    expect(open({ restart: true }).known(output("a"))).toBeUndefined();
    interrupted(["a"]);
    open().finish(9);
    const log = open({ now: 10 });
    expect([log.resumed, log.known(output("a"))]).toEqual([undefined, undefined]);
    expect(readFileSync(file(), "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("survives a torn last line, wherever it was torn: lines that are whole count, and the next is whole", () => {
    interrupted(["a", "b"]);
    const whole = readFileSync(file());
    for (let length = whole.length - 1; length > 0; length -= 11) {
      writeFileSync(file(), whole);
      truncateSync(file(), length);
      const lines = whole.toString("utf8", 0, length).split("\n").length - 1;
      const log = open();
      expect(log.known(output("a"))).toBe(lines >= 2 ? digest("a") : undefined);
      expect(log.known(output("b"))).toBeUndefined();
      log.add(output("c"), digest("c"));
      log.close();
      expect(open().known(output("c"))).toBe(digest("c"));
    }
  });

  it("is not impressed by lines of others", () => {
    interrupted(["a"]);
    appendFileSync(file(), 'null\n{"a":1}\n"x"\n{"d":"no"}\nnonsense\n');
    expect(open().known(output("a"))).toBe(digest("a"));
  });

  it("of the whole is not ended by a verification of a part", () => {
    interrupted(["a"]);
    const part = open({ selection: "--stage mock" });
    part.add(output("b"), digest("b"));
    part.finish(5);
    part.close();
    const whole = open();
    expect([whole.known(output("a")), whole.known(output("b"))]).toEqual([digest("a"), digest("b")]);
  });

  it("tells what the last one found, finished or not", () => {
    expect(lastDigests(root)(output("a"))).toBeUndefined();
    interrupted(["a"]);
    expect(lastDigests(root)(output("a"))).toBe(digest("a"));
    open().finish(9);
    expect(lastDigests(root)(output("a"))).toBe(digest("a"));
  });

  it("that cannot be written keeps nobody from verifying", () => {
    rmSync(join(root, "metadata"), { recursive: true });
    const log = open();
    log.add(output("a"), digest("a"));
    log.finish(3);
    expect(log.lost).toContain("ENOENT");
    mkdirSync(join(root, "metadata"));
    mkdirSync(file());
    expect(open().lost).toContain("EISDIR");
  });
});
