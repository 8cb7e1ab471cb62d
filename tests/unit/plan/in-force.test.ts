// Recipes in force: policies, waivers and moves excuse changes, and what is made from a result that was kept sees none.
import { describe, expect, it } from "vitest";
import { waiversFor } from "../../../src/plan/waive.ts";
import { inForce } from "../../../src/plan/in-force.ts";
import { ACTIONS, type Plan, REASONS } from "../../../src/plan/types.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { fact, World } from "../../helpers/world.ts";

const MOCK: StageSpec = {
  name: "mock",
  axes: { redshift: [1.4, 2], realization: [0, 1, 2] },
  params: () => ({ seed: 17 }),
  outputs: { catalog: ({ realization, redshift }) => `catalogs/r${realization}/z${redshift}.h5` },
  inputs: { halos: { file: ({ realization }) => `halos/${realization}.h5` } },
};
const FIT: StageSpec = {
  name: "fit",
  axes: { redshift: [1.4, 2], realization: [0, 1, 2] },
  inputs: { catalog: { each: "mock.catalog" } },
};
const COV: StageSpec = {
  name: "cov",
  axes: { redshift: [1.4, 2] },
  inputs: { fits: { all: "fit.out", over: ["realization"] } },
};

const table = (mock: Partial<StageSpec> = {}, fit: Partial<StageSpec> = {}) =>
  buildTable([{ ...MOCK, ...mock }, { ...FIT, ...fit }, COV]);
const done = (mock: Partial<StageSpec> = {}) => new World(table(mock)).provide().run().succeedAll();

const tally = (plan: Plan): Record<string, number> => {
  const counts: Record<string, number> = {};
  plan.action.forEach((action, row) => {
    const name = `${ACTIONS[action]} ${REASONS[plan.reason[row]!]}`;
    counts[name] = (counts[name] ?? 0) + 1;
  });
  return counts;
};

describe("the policy of a stage", () => {
  const edited = { code: "other code" };

  it("reruns unless said, and everything below", () => {
    expect(tally(done().edited(table(edited)).plan())).toEqual({
      "rerun code_changed": 6,
      "rerun upstream_changed": 8,
    });
  });

  it("ignore keeps the result and all that is made from it", () => {
    expect(
      tally(
        done()
          .edited(table({ ...edited, onChange: { code: "ignore" } }))
          .plan(),
      ),
    ).toEqual({ "keep completed": 14 });
  });

  it("warn keeps it, names the change, and all below is kept in silence", () => {
    const plan = done()
      .edited(table({ ...edited, onChange: { code: "warn" } }))
      .plan();
    expect(tally(plan)).toEqual({ "keep code_changed": 6, "keep completed": 8 });
    expect(plan.details.get(0)).toEqual([expect.objectContaining({ type: "field", field: "code" })]);
    expect(plan.summary.groups.map(({ stage, reason, count }) => [stage, reason, count])).toContainEqual([
      "mock",
      "code_changed",
      6,
    ]);
  });

  it("does not matter to a job that runs for another reason: it runs, and is recorded, by the code of now", () => {
    const world = done().edited(table({ ...edited, params: ({ realization }) => ({ seed: realization === 1 ? 18 : 17 }), onChange: { code: "ignore" } })); // prettier-ignore
    const plan = world.plan();
    expect(tally(plan)).toEqual({ "rerun params_changed": 2, "rerun upstream_changed": 4, "keep completed": 8 });
    const [stage] = plan.table.stages;
    expect(stage!.recipe.own?.get(0)?.code).toBe(done().table.stages[0]!.recipe.code);
    expect(stage!.recipe.own?.get(1)).toBeUndefined();
    expect(stage!.recipe.code).toBe(world.table.stages[0]!.recipe.code);
  });

  it("is followed through a rerun: what ran again below an ignored change is kept afterwards", () => {
    const world = done().edited(table({ ...edited, onChange: { code: "ignore" } }, { params: () => ({ cut: 2 }) }));
    expect(tally(world.plan())).toEqual({
      "keep completed": 6,
      "rerun params_changed": 6,
      "rerun upstream_changed": 2,
    });
    const after = world.run();
    for (const row of [...world.plan().batches].flatMap((batch) => [...batch.rows])) after.succeed(row);
    expect(tally(after.plan())).toEqual({ "keep completed": 14 });
  });

  it("of inputs covers files that changed", () => {
    const touch = (world: World) => world.putInput(fact("halos/1.h5", 7));
    expect(tally(touch(done().edited(table({ onChange: { inputs: "ignore" } }))).plan())).toEqual({
      "keep completed": 14,
    });
    expect(tally(touch(done().edited(table({ onChange: { inputs: "warn" } }))).plan())).toEqual({ "keep input_changed": 2, "keep completed": 12 }); // prettier-ignore
  });

  it("of upstream covers what is made again above", () => {
    const plan = done()
      .edited(table({ params: () => ({ seed: 18 }) }, { onChange: { upstream: "warn" } }))
      .plan();
    expect(tally(plan)).toEqual({ "rerun params_changed": 6, "keep upstream_changed": 6, "keep completed": 2 });
  });
});

describe("a waiver", () => {
  const accept = (world: World, plan: Plan, rows: readonly number[]) =>
    world.accept(waiversFor(world.table, plan, world.state(), world.observations(), rows));

  it("keeps results of changed code, and what is made from them", () => {
    const world = done().edited(table({ code: "other code" }));
    const plan = world.plan();
    accept(world, plan, [0, 1, 2, 3, 4, 5]);
    expect(tally(world.plan())).toEqual({ "keep completed": 14 });
    expect(inForce(world.table, world.state()).stages[2]!.recipe.digest.at(0)).toBe(
      done().table.stages[2]!.recipe.digest.at(0),
    );
  });

  it("holds for the change that was seen, not for the next one", () => {
    const world = done().edited(table({ code: "other code" }));
    accept(world, world.plan(), [0, 1, 2, 3, 4, 5]);
    expect(tally(world.edited(table({ code: "third code" })).plan())["rerun code_changed"]).toBe(6);
    expect(tally(world.edited(table()).plan())).toEqual({ "keep completed": 14 });
  });

  it("of some jobs leaves the others to run, and what needs both", () => {
    const world = done().edited(table({ code: "other code" }));
    accept(world, world.plan(), [0, 1]);
    expect(tally(world.plan())).toEqual({ "keep completed": 4, "rerun code_changed": 4, "rerun upstream_changed": 6 });
  });

  it("covers input files as they were seen", () => {
    const world = done().edited(table()).putInput(fact("halos/1.h5", 7));
    accept(world, world.plan(), [1, 4]);
    expect(tally(world.plan())).toEqual({ "keep completed": 14 });
    expect(tally(world.putInput(fact("halos/1.h5", 8)).plan())["rerun input_changed"]).toBe(2);
  });

  it("is about one result: a later one is compared afresh", () => {
    const world = done().edited(table({ code: "other code" }));
    accept(world, world.plan(), [0]);
    world.run({ replace: (row) => row === 0 }).succeed(0);
    expect(world.plan().reason[0]).toBe(REASONS.indexOf("completed"));
    expect(world.edited(table()).plan().reason[0]).toBe(REASONS.indexOf("code_changed"));
  });
});
