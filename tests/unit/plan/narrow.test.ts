// Partial plans: what each option leaves out, how options combine, and what the plan says of it.
import { describe, expect, it, test } from "vitest";
import { keyOfRow } from "../../../src/expand/table.ts";
import { explain } from "../../../src/plan/explain.ts";
import { resolveNames } from "../../../src/plan/narrow/named.ts";
import { ACTIONS, type Named, type Plan, type Policy } from "../../../src/plan/types.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";

const AXES = { redshift: [1.4, 2], realization: [0, 1, 2, 3] };

/** mock -> fit element by element, then one covariance a redshift, then one report a covariance. */
function chain(join: "all" | "quorum" = "all", mock: Partial<StageSpec> = {}): World {
  const over = ["realization"];
  return new World(
    buildTable([
      { name: "mock", axes: AXES, inputs: { halo: { file: (p) => `halo/${p["redshift"]}/${p["realization"]}` } }, ...mock },
      { name: "fit", axes: AXES, inputs: { mock: { each: "mock.out" } } },
      { name: "cov", axes: { redshift: [1.4, 2] }, inputs: { fits: join === "all" ? { all: "fit.out", over } : { quorum: "fit.out", over, fraction: 0.5 } } },
      { name: "report", axes: { redshift: [1.4, 2] }, inputs: { cov: { each: "cov.out" } } },
    ]),
  ).provide(); // prettier-ignore
}

function named(world: World, ...names: string[]): Named {
  const resolved = resolveNames(world.table, names);
  if ("nobody" in resolved) throw new Error(`nobody: ${resolved.nobody}`);
  return resolved.named;
}

/** Keys of what would be done, in plan order. */
function runs(plan: Plan): string[] {
  return plan.batches.flatMap((batch) => [...batch.rows]).map((row) => keyOfRow(plan.table, row));
}

const ran = (world: World, policy: Partial<Policy>): string[] => runs(world.plan(policy));

describe("names of jobs", () => {
  const world = chain();
  const meant = (...names: string[]) => {
    const { has } = named(world, ...names);
    return Array.from({ length: world.table.count }, (_, row) => row).filter(has).map((row) => keyOfRow(world.table, row)); // prettier-ignore
  };

  test.each<[string[], string[]]>([
    [["cov"], ["cov[redshift=1.4]", "cov[redshift=2]"]],
    [["mock[realization=1,redshift=2]"], ["mock[realization=1,redshift=2]"]],
    [["mock[redshift=2, realization=1]"], ["mock[realization=1,redshift=2]"]],
    [["mock[redshift=2.0,realization=1]"], ["mock[realization=1,redshift=2]"]],
    [["fit[realization=0]"], ["fit[realization=0,redshift=1.4]", "fit[realization=0,redshift=2]"]],
    [["fit[realization=2..9,redshift=2]"], ["fit[realization=2,redshift=2]", "fit[realization=3,redshift=2]"]],
    [["fit[realization=0|3,redshift=2]", "cov[redshift=2]"], ["fit[realization=0,redshift=2]", "fit[realization=3,redshift=2]", "cov[redshift=2]"]],
  ])("%j", (names, keys) => expect(meant(...names)).toEqual(keys)); // prettier-ignore

  test.each(["mok", "mock[realization=9]", "mock[realisation=1]", "mock[realization]", "mock[]]", "cov[redshift=1.4,realization=1]"])(
    "%s means nobody",
    (name) => expect(resolveNames(world.table, ["cov", name])).toEqual({ nobody: name }),
  ); // prettier-ignore

  it("text is quoted where a key quotes it", () => {
    const fields = new World(buildTable([{ name: "map", axes: { field: ["north", "south, pole"], n: [1, 2] } }]));
    expect(ran(fields, { target: named(fields, 'map[field="south, pole",n=2]') })).toEqual(['map[field="south, pole",n=2]']);
    expect(ran(fields, { target: named(fields, "map[field=north]") })).toHaveLength(2);
  }); // prettier-ignore
});

describe("--target", () => {
  it("brings what it needs, and no more", () => {
    const world = chain();
    expect(ran(world, { target: named(world, "fit[realization=1,redshift=2]") })).toEqual([
      "mock[realization=1,redshift=2]",
      "fit[realization=1,redshift=2]",
    ]);
    expect(ran(world, { target: named(world, "report[redshift=2]") })).toHaveLength(4 + 4 + 1 + 1);
    world.run().succeedAll("mock").succeedAll("fit");
    expect(ran(world, { target: named(world, "cov[redshift=2]") })).toEqual(["cov[redshift=2]"]);
  });
});

describe("--exclude", () => {
  it("leaves out what is named and what needs it", () => {
    const world = chain();
    expect(ran(world, { exclude: named(world, "mock[redshift=1.4]") })).toEqual(
      ran(world, {}).filter((key) => key.endsWith("redshift=2]")),
    );
    const one = ran(world, { exclude: named(world, "fit[realization=1,redshift=1.4]") });
    expect(one).toContain("mock[realization=1,redshift=1.4]");
    expect(one.filter((key) => key.startsWith("cov") || key.startsWith("report"))).toEqual(["cov[redshift=2]", "report[redshift=2]"]); // prettier-ignore
  });

  it("lets a quorum go on that has its share without them, and no other", () => {
    const world = chain("quorum");
    const covs = (...names: string[]) => ran(world, { exclude: named(world, ...names) }).filter((key) => key.startsWith("cov")); // prettier-ignore
    expect(covs("mock[realization=0..1]")).toEqual(["cov[redshift=1.4]", "cov[redshift=2]"]);
    expect(covs("mock[realization=0..1]", "fit[realization=2,redshift=2]")).toEqual(["cov[redshift=1.4]"]);
    // What will not come anyway counts as well.
    world.inputs.delete("halo/2/3");
    expect(covs("mock[realization=0..1]")).toEqual(["cov[redshift=1.4]"]);
  });

  it("a job that is done needs nothing; one that is stale waits for what it would be made of", () => {
    const world = chain().run().succeedAll();
    const after = world.edited(chain("all", { code: "new" }).table);
    expect(ran(after, { exclude: named(after, "mock[realization=0,redshift=1.4]") })).toHaveLength(20 - 4);
    world.outputs.delete("fit/1.4_0.json");
    expect(ran(world, { exclude: named(world, "mock") })).toEqual(["fit[realization=0,redshift=1.4]"]);
  });

  it("a blocked job that is left out is no longer called blocked", () => {
    const world = chain();
    world.inputs.delete("halo/2/3");
    expect(world.plan().summary.counts.block).toBe(4);
    expect(world.plan({ exclude: named(world, "mock[realization=3,redshift=2]") }).summary.counts).toMatchObject({ block: 0, wait: 4, create: 16 }); // prettier-ignore
  });
});

describe("--limit", () => {
  it("goes on where it stopped, and never runs what needs more", () => {
    const world = chain();
    for (const expected of [
      ["mock[realization=0,redshift=1.4]", "mock[realization=1,redshift=1.4]"],
      ["mock[realization=2,redshift=1.4]", "mock[realization=3,redshift=1.4]"],
    ]) {
      expect(ran(world, { limit: 2 })).toEqual(expected);
      for (const key of expected) world.succeed(key);
    }
    expect(ran(world, { limit: 5 })).toEqual([...ran(world, { limit: 4 }), "fit[realization=0,redshift=1.4]"]);
  });
});

describe("--canary", () => {
  const canary = (world: World) => ran(world, { canary: true });

  it("is one job a stage that can be reached; fan-ins come when all they need is there", () => {
    const world = chain().run();
    const first = ["mock[realization=0,redshift=1.4]", "fit[realization=0,redshift=1.4]"];
    expect(canary(world)).toEqual(first);
    expect(world.plan({ canary: true }).summary.notices[1]).toBe(`The canary: ${first.join(", ")}.`);
    for (const key of first) world.succeed(key);
    expect(canary(world)).toEqual([]);
    expect(world.plan({ canary: true }).summary.notices[1]).toBe("The canary is complete: 2 jobs, one a stage that can be reached."); // prettier-ignore
    for (let r = 1; r < 4; r++) world.succeed(`mock[realization=${r},redshift=1.4]`).succeed(`fit[realization=${r},redshift=1.4]`); // prettier-ignore
    expect(canary(world)).toEqual(["cov[redshift=1.4]", "report[redshift=1.4]"]);
  });

  it("passes over what is stuck, says so where all are, and leaves other trouble out", () => {
    const world = chain().run();
    world.inputs.delete("halo/1.4/0");
    const plan = world.plan({ canary: true });
    expect(runs(plan)).toEqual(["mock[realization=1,redshift=1.4]", "fit[realization=1,redshift=1.4]"]);
    expect(plan.summary.counts).toMatchObject({ create: 2, block: 0 });
    world.inputs.clear();
    const stuck = world.plan({ canary: true });
    expect(runs(stuck)).toEqual([]);
    expect(stuck.summary.notices[1]).toBe("No job can be the canary: all are blocked, held or left out.");
    expect(stuck.summary.counts.block).toBeGreaterThan(0);
  });

  it("a canary that must run again is no longer complete; one under way is left alone", () => {
    const world = chain().run().succeed("mock[realization=0,redshift=1.4]").succeed("fit[realization=0,redshift=1.4]");
    const after = world.edited(chain("all", { code: "new" }).table);
    expect(canary(after)).toEqual(["mock[realization=0,redshift=1.4]", "fit[realization=0,redshift=1.4]"]);
    after.start("mock[realization=0,redshift=1.4]");
    after.start("fit[realization=0,redshift=1.4]");
    after.live = true;
    const plan = after.plan({ canary: true });
    expect(runs(plan)).toEqual([]);
    expect(plan.summary.notices[1]).toBe("The canary of 2 jobs is under way; nothing of it is to be started.");
  });

  it("of several sources picks jobs that meet", () => {
    const world = new World(
      buildTable([
        { name: "a", axes: { n: [0, 1, 2, 3] }, inputs: { f: { file: ({ n }) => `a/${n}` } } },
        { name: "b", axes: { n: [0, 1, 2, 3] }, inputs: { f: { file: ({ n }) => `b/${n}` } } },
        { name: "other", axes: { n: [0, 1] } },
        { name: "pair", axes: { n: [0, 1, 2, 3] }, inputs: { a: { each: "a.out" }, b: { each: "b.out" } } },
        { name: "few", axes: { n: [0, 1, 2, 3] }, filter: ({ n }) => n !== 2, inputs: { a: { each: "a.out" } } },
        { name: "twin", axes: { n: [0, 1, 2, 3] }, inputs: { b: { each: "b.out" } } },
      ]),
    ).provide();
    world.inputs.delete("a/0");
    world.inputs.delete("b/1");
    // few has no job that meets a[n=2]: it brings one of its own.
    expect(canary(world)).toEqual(["a[n=1]", "b[n=2]", "other[n=0]", "pair[n=2]", "few[n=1]", "twin[n=2]"].toSpliced(1, 0, "a[n=2]")); // prettier-ignore
  });

  it("a branch has its own job, the stem has one", () => {
    const axes = { n: [0, 1, 2] };
    const world = new World(
      buildTable([
        { name: "stem", axes },
        { name: "left", axes, filter: ({ n }) => n !== 0, inputs: { s: { each: "stem.out" } } },
        { name: "right", axes, inputs: { s: { each: "stem.out" } } },
      ]),
    );
    expect(canary(world)).toEqual(["stem[n=1]", "left[n=1]", "right[n=1]"].toSorted((a, b) => world.row(a) - world.row(b))); // prettier-ignore
  });
});

describe("together", () => {
  it("each narrows what the one before left: target, exclude, canary, limit", () => {
    const world = chain();
    const policy = {
      target: named(world, "fit"),
      exclude: named(world, "mock[realization=0]"),
      canary: true,
      limit: 1,
    };
    const plan = world.plan(policy);
    expect(runs(plan)).toEqual(["mock[realization=1,redshift=1.4]"]);
    expect(plan.summary.narrowing.map(({ option, leftOut }) => [option, leftOut])).toEqual([
      ["target", 4],
      ["exclude", 4],
      ["canary", 10],
      ["limit", 1],
    ]);
    expect(plan.summary.notices[0]).toBe(
      "Partial plan, narrowed by --target fit and --exclude mock[realization=0] and --canary and --limit 1: 19 jobs are left out (4 by --target, 4 by --exclude, 10 by --canary, 1 by --limit).",
    );
    expect(plan.partial && plan.summary.partial).toBe(true);
  });

  it("a long list of names is cut in the notice", () => {
    const world = chain();
    const all = Array.from({ length: 8 }, (_, row) => keyOfRow(world.table, row));
    const [notice] = world.plan({ exclude: named(world, ...all) }).summary.notices;
    expect(notice!.length).toBeLessThan(160);
    expect(notice).toContain("…: 20 jobs are left out.");
  });

  it("a partial plan forgets nothing", () => {
    const world = chain().run().succeedAll();
    const after = world.edited(buildTable([{ name: "mock", axes: AXES }]));
    expect(after.plan().forget).toHaveLength(12);
    expect(after.plan({ limit: 100 })).toMatchObject({ forget: [], summary: { counts: { forget: 0 } } });
  });

  it.each<[string, Partial<Record<"target" | "exclude", string>> & Pick<Policy, "canary" | "limit">, string, string]>([
    ["fit[realization=1,redshift=2]", { target: "mock" }, "left out by --target", "A plan without --target includes it."],
    ["mock[realization=1,redshift=2]", { exclude: "mock" }, "left out by --exclude", "A plan without --exclude includes it."],
    ["cov[redshift=2]", { exclude: "mock" }, "it needs jobs that --exclude leaves out", "A plan without --exclude includes it."],
    ["cov[redshift=2]", { canary: true }, "left out by --canary", "A plan without --canary includes it."],
    ["cov[redshift=2]", { limit: 3 }, "left out by --limit", "A plan without --limit includes it, or one with a higher limit."],
  ])("explain says of %s under %j what left it out and what would include it", (key, { target, exclude, ...rest }, why, next) => {
    const world = chain();
    const plan = world.plan({ ...rest, ...(target ? { target: named(world, target) } : {}), ...(exclude ? { exclude: named(world, exclude) } : {}) });
    const said = explain(world.table, plan, world.state(), world.observations(), world.row(key));
    expect([said.action, said.reason, said.details[0], said.next]).toEqual(["wait", "excluded", { type: "narrowed", by: Object.keys({ target, exclude, ...rest }).find((name) => ({ target, exclude, ...rest })[name as "target"] !== undefined), text: why }, [next]]);
  }); // prettier-ignore

  it("rows that wait for the same cause share one list of details", () => {
    const world = chain();
    const plan = world.plan({ exclude: named(world, "mock") });
    expect(new Set(plan.details.values()).size).toBe(2);
    expect([...plan.action].every((action) => ACTIONS[action] === "wait")).toBe(true);
  });
});

describe("results that move", () => {
  it("are done for every option: their canary is complete, and nothing leaves them out", () => {
    const stages = (name: string): StageSpec[] => [
      { name, axes: AXES, code: "c", outputs: { out: (p) => `m/${p["redshift"]}_${p["realization"]}` } },
      { name: "fit", axes: AXES, inputs: { mock: { each: `${name}.out` } } },
    ];
    const world = new World(buildTable(stages("mock"))).run().succeedAll("mock");
    const moved = [{ from: { stage: "mock" }, to: { stage: "sky" } }];
    const after = world.edited(
      buildTable(stages("sky"), { moved, ramp: { steps: [1, "all"], failureRate: 0, gates: [] } }),
    );
    expect(after.plan().summary).toMatchObject({ counts: { move: 8 }, ramp: { step: 1, finished: 1, jobs: 2 } });
    const part = after.plan({ limit: 1, exclude: named(after, "sky[redshift=2]") });
    expect(part.summary.counts).toMatchObject({ move: 8, create: 1, forget: 0 });
    expect(runs(after.plan({ canary: true }))).toEqual(["fit[realization=0,redshift=1.4]"]);
  });
});
