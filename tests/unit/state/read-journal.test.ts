// What a reader makes of journals as crashes, disks and newer versions leave them. Fixtures: tests/fixtures/state/.
import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeLine } from "../../../src/state/journal-line.ts";
import type { Event } from "../../../src/state/events.ts";
import { openJournal } from "../../../src/state/journal.ts";
import { journalFiles, readJournals } from "../../../src/state/read-journal.ts";
import { finished, started, temporaryRoot } from "./support.ts";

function fixture(name: string): string {
  const root = temporaryRoot();
  cpSync(join(import.meta.dirname, "../../fixtures/state", name), root, { recursive: true });
  return root;
}

function written(events: readonly Event[]): { root: string; file: string } {
  const root = temporaryRoot();
  const journal = openJournal(root, { writer: "worker", run: "r1" });
  for (const event of events) journal.append(event);
  journal.sync();
  return { root, file: journal.file };
}

describe("stories", () => {
  it("journal-torn-tail: a worker was killed in the middle of a receipt; the job is open, nobody complains", () => {
    const { state, problems } = readJournals(fixture("journal-torn-tail")).fold();
    expect(problems).toEqual([]);
    expect(state.jobs.get("mock[i=0]")?.receipt).toBeDefined();
    expect(state.jobs.get("mock[i=1]")).toMatchObject({ open: { attempt: 1 }, receipt: undefined });
  });

  it("journal-corrupt-middle: a bit fell over; file and line are named, the others count", () => {
    const root = fixture("journal-corrupt-middle");
    const { state, problems } = readJournals(root).fold();
    const [file] = journalFiles(root);
    expect(problems).toEqual([
      {
        code: "state/journal-corrupt",
        severity: "warning",
        message: `${file}:4 does not match its checksum; the lines before and after it were used`,
      },
    ]);
    expect([...state.jobs].map(([key, job]) => [key, job.receipt !== undefined])).toEqual([["mock[i=0]", true], ["mock[i=1]", true]]); // prettier-ignore
  });

  it("journal-newer-minor: event types and members that this version does not know change nothing", () => {
    const { state, problems } = readJournals(fixture("journal-newer-minor")).fold();
    expect(problems).toEqual([]);
    expect(state.jobs.get("mock[i=0]")?.receipt).toBeDefined();
  });

  it("journal-newer-version: the whole fold is refused, because what is skipped would be done again", () => {
    const journals = readJournals(fixture("journal-newer-version"));
    expect(() => journals.fold()).toThrow(/^state\/journal-version: .*has version 2; this cmc reads up to 1$/);
  });
});

describe("a torn last line", () => {
  it("at any byte loses that event and nothing else", () => {
    const before = [started("a"), finished("a", "ok"), started("b")];
    const last = finished('b[naïve="ü"]', "ok");
    const { root, file } = written(before);
    const whole = readFileSync(file);
    const line = Buffer.from(encodeLine(last));
    for (let length = 0; length <= line.length; length++) {
      writeFileSync(file, Buffer.concat([whole, line.subarray(0, length)]));
      const journals = readJournals(root);
      const types = [...journals.events].map((event) => event.type);
      expect(journals.problems).toEqual([]);
      // Without its newline the line is still proven whole by its checksum.
      const survives = length >= line.length - 1;
      expect(types.length).toBe(survives ? 5 : 4);
    }
  });

  it("of zeros, as some file systems leave after a power cut, is torn too", () => {
    const { root, file } = written([started("a")]);
    appendFileSync(file, Buffer.alloc(5000));
    const journals = readJournals(root);
    expect([...journals.events].length).toBe(2);
    expect(journals.problems).toEqual([]);
  });

  it("in an empty file, or in the first line, is a writer that got no further", () => {
    const { root, file } = written([]);
    const line = readFileSync(file);
    for (const length of [0, 1, 50, line.length - 2]) {
      writeFileSync(file, line.subarray(0, length));
      const { state, problems, writers } = readJournals(root).fold();
      expect({ jobs: state.jobs.size, problems, writers }).toEqual({ jobs: 0, problems: [], writers: [] });
    }
  });
});

describe("a corrupt line", () => {
  it("is found wherever one byte changes, and the others are used", () => {
    const { root, file } = written([started("a"), started("b"), started("c")]);
    const whole = readFileSync(file);
    const from = whole.indexOf("\n", whole.indexOf("\n") + 1) + 1;
    const to = whole.indexOf("\n", from);
    for (let at = from; at < to; at++) {
      const bytes = Buffer.from(whole);
      bytes[at] = bytes[at]! ^ 1;
      writeFileSync(file, bytes);
      const { state, problems } = readJournals(root).fold();
      expect([...state.jobs.keys()]).toEqual(["a", "c"]);
      expect(problems.length).toBeGreaterThan(0);
    }
  });

  it("is also one whose checksum is right and whose members are not", () => {
    const { root, file } = written([]);
    appendFileSync(file, encodeLine({ type: "attempt-finished", at: 1, key: 7 } as unknown as Event));
    const { state, problems } = readJournals(root).fold();
    expect(state.jobs.size).toBe(0);
    expect(problems).toHaveLength(1);
  });
});

it("lines longer than the reader's piece are read", () => {
  const long = finished("a", "exit", {}, { logTail: "x".repeat(5 << 20) });
  const { root } = written([started("a"), long, started("b")]);
  const { state, problems } = readJournals(root).fold();
  expect(problems).toEqual([]);
  expect(state.jobs.get("a")?.last?.end?.logTail?.length).toBe(5 << 20);
  expect(state.jobs.has("b")).toBe(true);
});

it("a root without journals has an empty state", () => {
  const { state, problems, writers } = readJournals("/nowhere/at/all").fold();
  expect([state.jobs.size, problems, writers]).toEqual([0, [], []]);
});
