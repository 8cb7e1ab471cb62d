// Policies, narrowing, batches, cost, ranges, forgetting, and a renewal that was interrupted: one story each.
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/ir/canonical.ts";
import { jobKey } from "../../../src/ir/key.ts";
import { pointOf } from "../../../src/expand/table.ts";
import { diffJson } from "../../../src/plan/diff.ts";
import { keysOf } from "../../../src/plan/keys.ts";
import { MatrixPart } from "../../../src/plan/range.ts";
import { ACTIONS, type Plan, REASONS } from "../../../src/plan/types.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { fact, World } from "../../helpers/world.ts";

const A: StageSpec = { name: "a", axes: { n: [0, 1, 2, 3] }, inputs: { x: { file: ({ n }) => `in/${n}` } } };
const B: StageSpec = { name: "b", axes: { n: [0, 1, 2, 3] }, inputs: { a: { each: "a.out" } } };
const C: StageSpec = { name: "c", inputs: { b: { all: "b.out", over: ["n"] } } };
const chain = (...over: Partial<StageSpec>[]) => buildTable([A, B, C].map((s, i) => ({ ...s, ...over[i] })));

const verdicts = (plan: Plan) => [...plan.action].map((a, row) => `${ACTIONS[a]} ${REASONS[plan.reason[row]!]}`);
const tally = (plan: Plan) =>
  Object.fromEntries([...new Set(verdicts(plan))].map((v) => [v, verdicts(plan).filter((w) => w === v).length]));

describe("missing inputs", () => {
  const world = (missingInput: StageSpec["missingInput"], gone: number[]) => {
    const w = new World(chain({ missingInput })).provide();
    for (const n of gone) w.inputs.delete(`in/${n}`);
    return w;
  };

  it("element: only the job itself, and what needs it", () => {
    expect(tally(world({ policy: "element", by: [] }, [2]).plan())).toEqual({
      "create new": 6,
      "block missing_input": 1,
      "block upstream_incomplete": 2,
    });
  });

  it("group: all or none", () => {
    expect(tally(world({ policy: "group", by: [] }, [2]).plan())).toEqual({
      "block group_incomplete": 3,
      "block missing_input": 1,
      "block upstream_incomplete": 5,
    });
  });

  it("quorum met and missed", () => {
    expect(tally(world({ policy: "quorum", by: [], fraction: 0.75 }, [2]).plan())).toMatchObject({
      "create new": 6,
      "block missing_input": 1,
    });
    const short = world({ policy: "quorum", by: [], fraction: 0.75 }, [2, 3]).plan();
    expect(tally(short)).toMatchObject({ "block quorum_short": 2, "block missing_input": 2 });
    expect(short.details.get(0)).toEqual([{ type: "group", label: "", present: 2, expected: 4, needed: 3 }]);
  });

  it("fail refuses the plan", () => {
    const { summary } = world({ policy: "fail", by: [] }, [2]).plan();
    expect(summary.refusals).toEqual([
      { code: "plan/missing-input", message: "stage a: the inputs of 1 job are not there, in/2 first" },
    ]);
    expect(world({ policy: "fail", by: [] }, []).plan().summary.refusals).toEqual([]);
  });

  it("optional inputs block nothing; their coming and going is a change", () => {
    const table = buildTable([{ name: "a", inputs: { x: { file: () => "in/0", optional: true } } }]);
    const w = new World(table);
    expect(verdicts(w.plan())).toEqual(["create new"]);
    w.succeedAll();
    expect(verdicts(w.plan())).toEqual(["keep completed"]);
    w.provide();
    expect(w.plan().details.get(0)).toEqual([{ type: "input", port: "x", path: "in/0", what: "added" }]);
    w.succeedAll();
    expect(verdicts(w.plan())).toEqual(["keep completed"]);
    w.inputs.clear();
    expect(w.plan().details.get(0)).toEqual([{ type: "input", port: "x", path: "in/0", what: "removed" }]);
  });

  it("completed members of a group that lost an input stay", () => {
    const w = world({ policy: "group", by: [] }, []).succeedAll();
    w.inputs.delete("in/2");
    w.outputs.delete("a/0.json");
    expect(tally(w.plan())).toEqual({ "rerun output_missing": 1, "keep completed": 8 });
    expect(w.plan().summary.notices).toEqual(["1 job is complete and its input files are gone; its result is kept."]);
  });
});

describe("content", () => {
  const table = buildTable([{ name: "a", inputs: { x: { file: () => "in", compare: "content" } } }]);
  const sha = (digit: string) => digit.repeat(64);

  it("a touched file with the same content changes nothing; it is hashed only then", () => {
    const w = new World(table);
    w.inputs.set("in", { ...fact("in"), sha256: sha("a") });
    w.succeedAll();
    let hashed = 0;
    const lazy = (digit: string, mtime?: string) =>
      w.inputs.set(
        "in",
        Object.defineProperty(fact("in", 1000, mtime), "sha256", { get: () => (hashed++, sha(digit)) }),
      );
    lazy("b");
    expect(verdicts(w.plan())).toEqual(["keep completed"]);
    expect(hashed).toBe(0);
    lazy("a", "1800000000.5");
    expect(verdicts(w.plan())).toEqual(["keep completed"]);
    expect(hashed).toBeGreaterThan(0);
    lazy("b", "1800000000.5");
    expect(w.plan().details.get(0)).toEqual([
      { type: "input", port: "x", path: "in", what: "content", old: "aaaaaaaa", new: "bbbbbbbb" },
    ]);
  });
});

describe("data that change under an unchanged recipe", () => {
  it("reach what is made of them, also after an apply that was killed half-way", () => {
    const w = new World(chain()).provide().run().succeedAll();
    w.inputs.set("in/1", fact("in/1", 2000));
    const before = w.plan();
    expect(tally(before)).toEqual({ "rerun input_changed": 1, "rerun upstream_changed": 2, "keep completed": 6 });
    w.succeed("a[n=1]");
    const killed = w.plan();
    expect(tally(killed)).toEqual({ "rerun upstream_changed": 2, "keep completed": 7 });
    expect(killed.details.get(w.row("b[n=1]"))).toEqual([{ type: "upstream", key: "a[n=1]", why: "input_changed" }]);
    w.succeed("b[n=1]");
    expect(tally(w.plan())).toEqual({ "rerun upstream_changed": 1, "keep completed": 8 });
    w.succeed("c");
    expect(tally(w.plan())).toEqual({ "keep completed": 9 });
  });

  it("an output that was lost and made again changes nothing further", () => {
    const w = new World(chain()).provide().run().succeedAll();
    w.outputs.delete("a/1.json");
    w.succeed("a[n=1]");
    expect(tally(w.plan())).toEqual({ "keep completed": 9 });
  });
});

describe("narrowing", () => {
  it("--limit takes the first jobs in plan order", () => {
    const plan = new World(chain()).provide().plan({ limit: 3 });
    expect(tally(plan)).toEqual({ "create new": 3, "wait excluded": 6 });
    expect(plan.batches.map((b) => [b.id, [...b.rows]])).toEqual([["a-0001", [0, 1, 2]]]);
    expect(plan.partial && plan.summary.partial).toBe(true);
    expect(plan.summary.notices[0]).toBe("Partial plan, narrowed by --limit 3: 6 jobs are left out.");
  });

  it("--target brings what it needs", () => {
    const w = new World(chain()).provide();
    const only = (key: string) => ({ target: { text: key, has: (row: number) => row === w.row(key) } });
    expect(verdicts(w.plan(only("b[n=2]")))).toEqual([
      "wait excluded",
      "wait excluded",
      "create new",
      "wait excluded",
      "wait excluded",
      "wait excluded",
      "create new",
      "wait excluded",
      "wait excluded",
    ]);
    w.succeedAll("a");
    expect(tally(w.plan(only("b[n=2]")))).toEqual({ "keep completed": 4, "create new": 1, "wait excluded": 4 });
  });
});

describe("batches", () => {
  it("number from 1 per stage, adopted ones apart", () => {
    const w = new World(chain({ batchSize: 3 })).provide();
    w.outputs.set("a/1.json", fact("a/1.json"));
    expect(w.plan({ adopt: true }).batches.map((b) => [b.id, b.stage, [...b.rows]])).toEqual([
      ["a-0001", "a", [0, 2, 3]],
      ["adopt-a-0001", "a", [1]],
      ["b-0001", "b", [4, 5, 6, 7]],
      ["c-0001", "c", [8]],
    ]);
  });
});

describe("forgetting", () => {
  it("names what left the campaign, once", () => {
    const w = new World(chain()).provide().run().succeedAll().fail("b[n=3]", "exit");
    const after = w.edited(chain({ axes: { n: [0, 1, 2] } }, { axes: { n: [0, 1, 2] } }));
    expect(after.plan().forget).toEqual(["a[n=3]", "b[n=3]"]);
    expect(after.plan().summary.counts.forget).toBe(2);
    after.forgetJobs("a[n=3]", "b[n=3]");
    expect(after.plan().forget).toEqual([]);
  });

  it("a retry asked for an unknown job is nobody's result", () => {
    expect(new World(chain()).retry("zzz").plan().forget).toEqual([]);
  });
});

describe("cost", () => {
  it("bounds by walltime, expects by the median of receipts, counts what is written over", () => {
    const w = new World(
      chain(
        { resources: ({ n }) => ({ walltime: 3600, cpus: n === 3 ? 4 : 1 }) },
        { resources: { walltime: 1800 } },
        { resources: { walltime: 600 } },
      ),
    )
      .provide()
      .run();
    [10, 20, 90].forEach((seconds, row) => w.succeed(row, seconds));
    w.outputs.set("a/3.json", fact("a/3.json"));
    const { cost } = w.plan().summary;
    expect(cost).toMatchObject({ fromReceipts: 3, runs: 6, expectedJobs: 1, outputsReplaced: 1, unit: "core" });
    expect(cost.coreHours.worst).toBeCloseTo(4 + 2 + 1 / 6, 9);
    expect(cost.coreHours.expected).toBeCloseTo((20 * 4) / 3600, 9);
  });

  it("has no bound where one job has no walltime", () => {
    expect(
      new World(chain({ resources: { walltime: 60 } })).provide().plan().summary.cost.coreHours.worst,
    ).toBeUndefined();
  });
});

describe("ranges", () => {
  const part = (axes: StageSpec["axes"], pick: (i: number) => boolean, filter?: StageSpec["filter"]) => {
    const stage = buildTable([{ name: "s", axes, filter }]).stages[0]!;
    const matrix = new MatrixPart(stage);
    for (let i = 0; i < stage.count; i++) if (pick(i)) matrix.add(i);
    return matrix.text();
  };
  const n = (count: number) => Array.from({ length: count }, (_, i) => i);

  it.each([
    ["everything", { realization: n(2000), redshift: [1.4, 2] }, () => true, "realization 0..1999 x redshift {1.4, 2}"],
    ["one value of an axis", { r: n(100), z: [1.4, 2] }, (i: number) => i % 2 === 1, "r 0..99 x z 2"],
    ["runs", { r: n(10) }, (i: number) => i !== 3 && i !== 7, "r {0..2, 4..6, 8, 9}"],
    ["two of many", { r: n(10) }, (i: number) => i === 3 || i === 4, "r {3, 4}"],
    ["too many pieces", { r: n(100) }, (i: number) => i % 2 === 0, "r (50 of 100 values)"],
    ["all of many that do not count", { z: n(20).map((i) => i / 10 + 0.05) }, () => true, "z (all 20)"],
    ["no full product", { r: n(3), z: n(3) }, (i: number) => i % 4 === 0, "r 0..2 x z 0..2 (3 of 9 combinations)"],
    ["words", { box: ["bigbox", "tiled", "true"] }, () => true, 'box {bigbox, tiled, "true"}'],
  ] as const)("%s", (_, axes, pick, text) => {
    expect(part(axes, pick)).toBe(text);
  });
});

it("keys of a stage are those of jobKey", () => {
  const { stages } = buildTable([
    { name: "s", axes: { z: [1.4, 2, -0.5], box: ["a b", "true", "x"], flag: [true, false] } },
    { name: "one" },
  ]);
  for (const stage of stages)
    for (let i = 0; i < stage.count; i++) expect(keysOf(stage)(i)).toBe(jobKey(stage.stage.name, pointOf(stage, i)));
});

it("differences of JSON", () => {
  const before = { a: [1, { b: 2 }], "x y": null, __proto__x: 1, same: { deep: [true] } };
  const after = { a: [1, { b: 3 }, "n"], "x y": false, same: { deep: [true] }, constructor: 1 };
  expect(diffJson(before, after, "params")).toEqual([
    { path: "params.__proto__x", old: "1" },
    { path: "params.a[1].b", old: "2", new: "3" },
    { path: "params.a[2]", new: '"n"' },
    { path: "params.constructor", new: "1" },
    { path: 'params["x y"]', old: "null", new: "false" },
  ]);
  expect(diffJson({ a: 1 }, [1], "p")).toEqual([{ path: "p", old: canonicalJson({ a: 1 }), new: "[1]" }]);
});
