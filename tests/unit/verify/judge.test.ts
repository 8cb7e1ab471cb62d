// Receipts against what a listing shows, result by result; and what looking into contents adds. No files.
import { describe, expect, it } from "vitest";
import { candidatesOf, type Content, contentLooks, freshDigests, sameContent } from "../../../src/verify/candidates.ts";
import { countVerdicts, type Evidence, judge, rosterOf, verdictAt, withFindings } from "../../../src/verify/judge.ts";
import { outcomeOf } from "../../../src/verify/looks.ts";
import type { Event } from "../../../src/state/events.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";

const MOCK: StageSpec = {
  name: "mock",
  axes: { n: [0, 1, 2] },
  outputs: { catalog: ({ n }) => `mock/${n}.h5`, tree: ({ n }) => `tree/${n}` },
  dirs: ["tree"],
};
const KEY = "mock[n=1]";
const [PATH, TREE] = ["mock/1.h5", "tree/1"];
const ID = `${KEY}#1`;

const world = () => new World(buildTable([MOCK])).run();
const done = () => world().succeedAll();

function evidence(w: World, more: Partial<Evidence> = {}): Evidence {
  const state = w.state();
  return { table: w.table, state, roster: rosterOf(w.table, state), output: (path) => w.outputs.get(path), ...more };
}
const judged = (w: World, more: Partial<Evidence> = {}, wanted?: (row: number) => boolean) =>
  judge(evidence(w, more), wanted);
const change = (w: World, path: string, more: object) => w.outputs.set(path, { ...w.outputs.get(path)!, ...more });

describe("a result", () => {
  it("is as its receipt says, or is none", () => {
    const w = world().succeed("mock[n=0]").fail(KEY, "exit");
    expect(countVerdicts(judged(w).verdict)).toMatchObject({ ok: 1, none: 2 });
    expect(judged(w).findings.size).toBe(0);
  });

  it.each([
    ["missing", (w: World) => w.outputs.delete(PATH), { name: "catalog", path: PATH, what: "missing" }],
    ["size", (w: World) => change(w, PATH, { size: 3 }), { name: "catalog", path: PATH, what: "size", old: "5000", new: "3" }],
    ["files", (w: World) => change(w, TREE, { files: 4, size: 5001 }), { name: "tree", path: TREE, what: "files", old: "3", new: "4" }],
    ["mtime", (w: World) => change(w, PATH, { mtime: "9.000000000" }), { what: "mtime", new: "9.000000000" }],
  ] as const)("is found %s", (what, spoil, finding) => {
    const w = done();
    spoil(w);
    const judgement = judged(w);
    expect(verdictAt(judgement, w.row(KEY))).toBe(what);
    expect([...judgement.findings]).toMatchObject([[w.row(KEY), [finding]]]);
    expect(countVerdicts(judgement.verdict)).toMatchObject({ ok: 2, [what]: 1 });
  }); // prettier-ignore

  it("with several faults counts as its worst, and all are told", () => {
    const w = done();
    change(w, PATH, { mtime: "9.000000000" });
    w.outputs.delete(TREE);
    const judgement = judged(w);
    expect(verdictAt(judgement, w.row(KEY))).toBe("missing");
    expect(judgement.findings.get(w.row(KEY))!.map(({ what }) => what)).toEqual(["mtime", "missing"]);
  });

  it("is looked for where its receipt says, wherever the campaign would put it today", () => {
    const w = done().edited(buildTable([{ ...MOCK, outputs: { ...MOCK.outputs, catalog: ({ n }) => `elsewhere/${n}.h5` } }])); // prettier-ignore
    expect(countVerdicts(judged(w).verdict)).toMatchObject({ ok: 3 });
  });

  it("is judged neither while somebody is at it nor when it was not asked for", () => {
    const w = done();
    w.outputs.clear();
    const judgement = judged(w, { busy: (key) => key === KEY }, (row) => row !== 0);
    expect(countVerdicts(judgement.verdict)).toMatchObject({ none: 1, busy: 1, missing: 1 });
    expect([...judgement.findings.keys()]).toEqual([2]);
  });
});

const [GOOD, BAD] = ["a".repeat(64), "b".repeat(64)];
const digests = (...outputs: { name: string; sha256: string }[]): Event => ({
  type: "digests-recorded", at: 5, user: "ada", reason: "x", results: [{ key: KEY, attemptId: ID, outputs }],
}); // prettier-ignore
const catalog = { name: "catalog", path: PATH };
const doubt = { ...catalog, what: "content", old: GOOD, new: BAD } as const;
const doubted = (at = 9): Event => ({ type: "results-verified", at, user: "ada", results: [{ key: KEY, attemptId: ID, outputs: [doubt] }] }); // prettier-ignore

/** Looks into the outputs of the one result that has a digest. */
function look(w: World, content: Content, all = false) {
  const seen = evidence(w);
  const judgement = judge(seen);
  const { outputs, undigested } = candidatesOf({ ...seen, judgement, all });
  const contents = outputs.map(() => content);
  const outcome = outcomeOf(seen.state, seen.roster, judgement, contentLooks(outputs, contents));
  const after = withFindings(judgement, outcome.news);
  return { outputs, undigested, ...outcome, after, same: sameContent(outputs, contents, after), fresh: freshDigests(outputs, contents, after) }; // prettier-ignore
}

describe("contents", () => {
  const known = (...more: Event[]) => {
    const w = done();
    w.events.push(digests({ name: "catalog", sha256: GOOD }), ...more);
    return w;
  };

  it("are compared where a digest is recorded; results without one are counted", () => {
    const { outputs, undigested, verified, after } = look(known(), { sha256: GOOD });
    expect(outputs).toMatchObject([{ ...catalog, key: KEY, attemptId: ID, folder: false, expected: GOOD }]);
    // Its folder has none either.
    expect({ undigested, verified }).toEqual({ undigested: 3, verified: [] });
    expect(countVerdicts(after.verdict)).toMatchObject({ ok: 3 });
  });

  it("that are others are found and deserve an event", () => {
    const { after, verified } = look(known(), { sha256: BAD });
    expect(verdictAt(after, 1)).toBe("content");
    expect(after.findings.get(1)).toEqual([{ ...catalog, what: "content", old: GOOD.slice(0, 12), new: BAD.slice(0, 12) }]); // prettier-ignore
    expect(verified).toEqual([{ key: KEY, attemptId: ID, outputs: [doubt] }]);
  });

  it("that are doubted already are found without reading, and are not recorded twice", () => {
    const w = known(doubted());
    expect(verdictAt(judged(w), 1)).toBe("content");
    const { after, verified } = look(w, { sha256: BAD });
    expect({ verdict: verdictAt(after, 1), verified }).toEqual({ verdict: "content", verified: [] });
  });

  it("that are right again withdraw the doubt", () => {
    const { after, verified } = look(known(doubted()), { sha256: GOOD });
    expect(verdictAt(after, 1)).toBe("ok");
    expect(verified).toEqual([{ key: KEY, attemptId: ID, outputs: [] }]);
  });

  it("that cannot be read are no proof of anything", () => {
    const { after, verified } = look(known(), { unreadable: "EIO", gone: false });
    expect({ verdict: verdictAt(after, 1), verified }).toEqual({ verdict: "unreadable", verified: [] });
    expect(verdictAt(look(known(), { unreadable: "ENOENT", gone: true }).after, 1)).toBe("missing");
  });

  it("of another size are not read at all", () => {
    const w = known();
    change(w, PATH, { size: 3 });
    expect(look(w, { sha256: GOOD }).outputs).toEqual([]);
  });

  it("under another time prove that the result was restored", () => {
    const w = known();
    change(w, PATH, { mtime: "9.000000000" });
    const { verified, same, after } = look(w, { sha256: GOOD });
    const times = [{ name: "catalog", mtime: "9.000000000" }];
    expect({ verified, same }).toEqual({ verified: [{ key: KEY, attemptId: ID, outputs: [], times }], same: 1 });
    expect(verdictAt(after, 1)).toBe("mtime");
    w.events.push({ type: "results-verified", at: 9, user: "ada", results: verified });
    expect(verdictAt(judged(w), 1)).toBe("ok");
    // Both times are right now, no third one.
    change(w, PATH, { mtime: "10.000000000" });
    expect(verdictAt(judged(w), 1)).toBe("mtime");
  });

  it("that are others under another time need no event: the plan sees the time", () => {
    const w = known();
    change(w, PATH, { mtime: "9.000000000" });
    expect(look(w, { sha256: BAD })).toMatchObject({ verified: [], same: 0 });
  });

  it("nobody has recorded are read where they are to be, and trusted only of results that are as they were", () => {
    const w = known();
    change(w, "mock/0.h5", { mtime: "9.000000000" });
    const { outputs, fresh } = look(w, { sha256: GOOD }, true);
    expect(outputs).toHaveLength(6);
    expect(fresh.map(({ key, outputs: some }) => [key, some.map(({ name }) => name)])).toEqual([
      [KEY, ["tree"]],
      ["mock[n=2]", ["catalog", "tree"]],
    ]);
  });

  it("of a later receipt are not doubted by what was said of an earlier one", () => {
    const w = known(doubted());
    w.succeed(KEY);
    expect(countVerdicts(judged(w).verdict)).toMatchObject({ ok: 3 });
  });
});
