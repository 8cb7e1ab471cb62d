// History as people read it: applies newest first, with what each set out to do, what came of it and what changed; events of an earlier cmc too.
import { describe, expect, it } from "vitest";
import { type ApplyEntry, historyOf, reasonsOf, runsNamed } from "../../../src/insight/history.ts";
import type { ApplyFacts } from "../../../src/state/apply-facts.ts";
import type { Event, EventOf } from "../../../src/state/events.ts";
import { provenanceOf } from "../../../src/state/provenance.ts";
import { tallyRuns } from "../../../src/state/run-tally.ts";
import { finished, fold, started } from "../state/support.ts";

const START = Date.UTC(2026, 10, 20, 11);
const HOUR = 3_600_000;

const axis = (values: readonly number[]) => ({ name: "redshift", count: values.length, digest: values.join(), text: `redshift {${values.join(", ")}}`, values }); // prettier-ignore

const FACTS: ApplyFacts = {
  campaign: "edited",
  version: "v1.0",
  site: "local",
  command: ["apply", "--auto-approve"],
  node: "v20.19.0",
  platform: "linux-x64",
  git: { commit: "1".repeat(40), branch: "main", dirty: [], changes: 0 },
  lockFile: { path: "../package-lock.json", sha256: "ab".repeat(32) },
  variables: { preset: "demo" },
  options: {},
  bundleDir: "/scratch/generated/edited/b1",
  counts: { create: 3, rerun: 0, keep: 0 },
  groups: [{ stage: "mock", action: "create", reason: "new", count: 3, range: "redshift {0.5, 1.4, 2}", example: "mock[redshift=0.5]" }],
  axes: { mock: [axis([0.5, 1.4, 2])], summary: [] },
}; // prettier-ignore

function applied(run: string, at: number, more: Partial<EventOf<"apply-started">> = {}): EventOf<"apply-started"> {
  return {
    type: "apply-started",
    at,
    run,
    user: "ann",
    host: "login1",
    bundle: `b-${run}`,
    campaignDigest: `c-${run}`,
    jobs: 3,
    toolVersion: "0.1.0",
    code: { mock: { entry: "tasks/mock.ts#mock", sources: { "tasks/mock.ts": "a", "physics.ts": "b" } }, summary: { entry: "command", sources: { "physics.ts": "b" } } },
    ...more,
  }; // prettier-ignore
}

const applies = (events: readonly Event[]) =>
  historyOf(fold(events), () => false).filter((entry): entry is ApplyEntry => entry.type === "apply");

describe("history", () => {
  const events: Event[] = [
    applied("run1-a", START, { facts: FACTS }),
    { type: "apply-finished", at: START + 1000, run: "run1-a", outcome: "failures", done: 2, failed: 1 },
    { type: "retry-requested", at: START + HOUR, keys: ["mock[redshift=2]"], user: "bob", reason: "node was bad" },
    applied("run2-b", START + 2 * HOUR, { facts: FACTS }),
    { type: "jobs-forgotten", at: START + 2 * HOUR, keys: ["mock[redshift=9]"], run: "run2-b" },
    { type: "cancel-requested", at: START + 2.5 * HOUR, run: "run2-b", user: "ann", reason: "wrong seed" },
    { type: "apply-finished", at: START + 3 * HOUR, run: "run2-b", outcome: "cancelled", done: 0, failed: 0 },
  ];

  it("tells applies and verbs, newest first, in whatever order the journals were read", () => {
    const told = (order: readonly Event[]) =>
      historyOf(fold(order), () => false).map((one) => one.type === "apply" ? `${one.run} ${one.outcome} ${one.done}/${one.failed}` : `${one.verb} ${one.user} ${one.reason}`); // prettier-ignore
    const expected = ["cancel ann wrong seed", "run2-b cancelled 0/0", "retry bob node was bad", "run1-a failures 2/1"];
    expect(told(events)).toEqual(expected);
    expect(told(events.toReversed())).toEqual(expected);
  });

  it("of a run without an end says whether anybody is at work on it", () => {
    const open = [applied("run1-a", START, { facts: FACTS })];
    expect(historyOf(fold(open), () => true)[0]).toMatchObject({ outcome: "in-progress" });
    expect(historyOf(fold(open), () => false)[0]).toMatchObject({ outcome: "unfinished" });
  });

  it("folds applies of an earlier cmc: what they did not record is absent, the rest is told", () => {
    const [second, first] = applies([applied("old1-a", START), applied("new1-b", START + HOUR, { facts: FACTS })]);
    expect(first).toMatchObject({ run: "old1-a", user: "ann", jobs: 3, changes: [] });
    expect(first).not.toHaveProperty("facts");
    expect(second).toMatchObject({ before: "old1-a", changes: [] });
    expect(JSON.stringify(provenanceOf({ name: "edited", version: "v1.0" }, fold([applied("old1-a", START)]).runs.values()))).not.toContain("git"); // prettier-ignore
  });

  it("says what changed between two applies: commit, variables, stages, axes, code", () => {
    const after: ApplyFacts = {
      ...FACTS,
      git: { commit: "2".repeat(40), branch: "main", dirty: ["campaign.ts"], changes: 1, diffDigest: "d1" },
      variables: { preset: "production", count: 5 },
      axes: { mock: [axis([0.5, 1.4, 3])], covariance: [] },
    };
    const code = { mock: { entry: "tasks/mock.ts#mock", sources: { "tasks/mock.ts": "a", "physics.ts": "z", "new.ts": "n" } }, covariance: { entry: "command", sources: {} } }; // prettier-ignore
    const [second] = applies([
      applied("run1-a", START, { facts: FACTS }),
      applied("run2-b", START + HOUR, { facts: after, code }),
    ]);
    expect(second!.changes).toEqual([
      { type: "commit", old: "1".repeat(40), new: "2".repeat(40) },
      { type: "uncommitted", new: "d1" },
      { type: "variable", name: "count", new: "5" },
      { type: "variable", name: "preset", old: '"demo"', new: '"production"' },
      { type: "stage", name: "covariance", what: "added" },
      { type: "stage", name: "summary", what: "removed" },
      { type: "axis", name: "redshift", old: "redshift {0.5, 1.4, 2}", new: "redshift {0.5, 1.4, 3}", added: ["3"], removed: ["2"], stages: ["mock"] },
      { type: "code", path: "new.ts", what: "added", stages: ["mock"] },
      { type: "code", path: "physics.ts", what: "changed", stages: ["mock"] },
    ]); // prettier-ignore
  });

  it("a file that several stages reach, and an axis they share, are told once", () => {
    const wider = { mock: [axis([0.5, 1.4])], summary: [axis([0.5, 1.4])] };
    const narrow = { mock: [axis([0.5])], summary: [axis([0.5])] };
    const code = { mock: { entry: "tasks/mock.ts#mock", sources: { "tasks/mock.ts": "a", "physics.ts": "c" } }, summary: { entry: "command", sources: { "physics.ts": "c" } } }; // prettier-ignore
    const [second] = applies([
      applied("run1-a", START, { facts: { ...FACTS, axes: narrow } }),
      applied("run2-b", START + HOUR, { facts: { ...FACTS, axes: wider }, code }),
    ]);
    expect(second!.changes).toEqual([
      { type: "axis", name: "redshift", old: "redshift {0.5}", new: "redshift {0.5, 1.4}", added: ["1.4"], stages: ["mock", "summary"] },
      { type: "code", path: "physics.ts", what: "changed", stages: ["mock", "summary"] },
    ]); // prettier-ignore
  });
});

it("runs are named by last, by how many back, by id or its beginning, never by less than four letters", () => {
  const { runs } = fold([applied("aaaa1-x", START), applied("aaaa2-x", START + 1), applied("bbbb1-x", START + 2)]);
  const named = (name: string) => runsNamed(runs.values(), name).map(({ run }) => run);
  expect(["last", "last~1", "last~2", "last~3"].map(named)).toEqual([["bbbb1-x"], ["aaaa2-x"], ["aaaa1-x"], []]);
  expect(named("aaaa2-x")).toEqual(["aaaa2-x"]);
  expect(named("aaaa")).toEqual(["aaaa2-x", "aaaa1-x"]);
  expect(named("bbb")).toEqual([]);
});

it("reasons are counted over stages, most first", () => {
  const group = (stage: string, reason: string, count: number) => ({ stage, action: "rerun", reason, count });
  const groups = [group("a", "requested", 1), group("a", "code_changed", 2), group("b", "code_changed", 38), { ...group("b", "new", 9), action: "create" }]; // prettier-ignore
  expect(reasonsOf(groups, ["rerun"])).toEqual([
    ["code_changed", 40],
    ["requested", 1],
  ]);
});

describe("what came of a run", () => {
  const key = "mock[redshift=2]";
  const attempts = [
    started(key, { at: START + 10 }), finished(key, "exit", { at: START + 20 }),
    started(key, { attempt: 2, at: START + 30 }), finished(key, "ok", { attempt: 2, at: START + 40 }),
    started("gone", { at: START + 10 }), finished("gone", "exit", { at: START + 20 }),
    started("gone", { attempt: 2, at: START + HOUR + 5 }), finished("gone", "cancelled", { attempt: 2, at: START + HOUR + 9 }),
  ]; // prettier-ignore

  it("is what its end says", () => {
    const end: Event = { type: "apply-finished", at: START + 50, run: "r1", outcome: "done", done: 7, failed: 3 };
    expect(tallyRuns(fold([applied("r1", START), ...attempts, end])).get("r1")).toEqual({ done: 7, failed: 3 });
  });

  it("is counted where nobody did: by the last word of every job that was begun in its time", () => {
    const tallies = tallyRuns(fold([applied("r1", START), applied("r2", START + HOUR), ...attempts]));
    expect([...tallies]).toEqual([
      ["r1", { done: 1, failed: 1 }],
      ["r2", { done: 0, failed: 0 }],
    ]);
  });
});

it("provenance keeps what an older file says of applies whose journal does not", () => {
  const { runs } = fold([applied("old1-a", START), applied("new1-b", START + 1, { facts: FACTS })]);
  const older = [
    { run: "old1-a", git: { commit: "9".repeat(40) }, site: "local" },
    { run: "new1-b", site: "edited by hand" },
    { run: "invented", site: "x" },
  ];
  expect(provenanceOf({ name: "edited", version: "v1.0" }, runs.values(), older)).toMatchObject({
    campaign: "edited",
    applies: [older[0], { run: "new1-b", site: "local", git: FACTS.git, lockFile: FACTS.lockFile, variables: { preset: "demo" } }],
  }); // prettier-ignore
});
