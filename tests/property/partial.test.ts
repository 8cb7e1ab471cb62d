// What holds of every narrowed plan: it dangles nowhere, it is a part of the whole plan, and carried out again and again it comes to an end.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOfRow, upstreamRows } from "../../src/expand/table.ts";
import type { RampIR } from "../../src/ir/campaign.ts";
import { resolveNames } from "../../src/plan/narrow/named.ts";
import { shareOf } from "../../src/plan/readiness.ts";
import { ACTIONS, type Named, type Plan, type Policy, REASONS } from "../../src/plan/types.ts";
import { buildTable, type StageSpec } from "../helpers/table.ts";
import { World } from "../helpers/world.ts";

const form = fc.record({
  realizations: fc.integer({ min: 1, max: 5 }),
  redshifts: fc.integer({ min: 1, max: 3 }),
  fraction: fc.double({ min: 0.05, max: 1, noNaN: true }),
  join: fc.constantFrom("all", "quorum"),
  hole: fc.integer({ min: -1, max: 4 }),
  policy: fc.constantFrom("element", "group"),
  steps: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 }), { nil: undefined }),
});
type Form = typeof form extends fc.Arbitrary<infer T> ? T : never;

function stages({ realizations, redshifts, fraction, join, hole, policy }: Form, code: string): StageSpec[] {
  const realization = Array.from({ length: realizations }, (_, i) => i);
  const axes = { redshift: [1.4, 2, 0.5].slice(0, redshifts), realization };
  const fan = { over: ["realization"] };
  return [
    {
      name: "mock", axes, code,
      inputs: { halos: { file: (p) => `halos/${p["realization"]}/${p["redshift"]}` } },
      missingInput: { policy, by: policy === "group" ? ["realization"] : [] },
    },
    { name: "sky", axes: { realization } },
    { name: "fit", axes, inputs: { mock: { each: "mock.out" }, sky: { each: "sky.out" } }, retry: { attempts: 2 } },
    { name: "check", axes, filter: ({ realization }) => realization !== hole || realizations === 1, inputs: { mock: { each: "mock.out" } } },
    { name: "cov", axes: { redshift: axes.redshift }, inputs: { fits: join === "all" ? { all: "fit.out", ...fan } : { quorum: "fit.out", ...fan, fraction } } },
    { name: "report", axes: { redshift: axes.redshift }, inputs: { cov: { each: "cov.out" } } },
  ]; // prettier-ignore
}

function tableOf(shape: Form, code = "c") {
  const steps = shape.steps?.toSorted((a, b) => a - b);
  const ramp: RampIR | undefined = steps && { steps: [...steps, "all"], failureRate: 0.5, gates: [] };
  return buildTable(stages(shape, code), ramp ? { ramp } : {});
}

const history = fc.record({
  steps: fc.array(fc.tuple(fc.nat(80), fc.constantFrom("ok", "ok", "open", "exit", "validation", "lost")), { maxLength: 40 }),
  recoded: fc.boolean(),
  lost: fc.array(fc.nat(80), { maxLength: 4 }),
  missing: fc.array(fc.nat(80), { maxLength: 4 }),
  live: fc.boolean(),
}); // prettier-ignore
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

function worldOf(shape: Form, { steps, recoded, lost, missing, live }: History): World {
  const before = new World(tableOf(shape)).provide().run();
  for (const [n, how] of steps) {
    const row = n % before.table.count;
    if (how === "ok") before.succeed(row);
    else if (how === "open") before.start(row);
    else before.fail(row, how);
  }
  const world = before.edited(tableOf(shape, recoded ? "d" : "c"));
  const [outputs, inputs] = [[...world.outputs.keys()], [...world.inputs.keys()]];
  for (const n of lost) world.outputs.delete(outputs[n % outputs.length]!);
  for (const n of missing) world.inputs.delete(inputs[n % inputs.length]!);
  world.live = live;
  return world;
}

const NAMES = ["mock", "fit", "cov", "mock[realization=0]", "fit[redshift=1.4]", "check[realization=0..2]", "sky[realization=0]", "cov[redshift=1.4]"]; // prettier-ignore
const options = fc.record({
  target: fc.subarray(NAMES, { minLength: 0, maxLength: 3 }),
  exclude: fc.subarray(NAMES, { minLength: 0, maxLength: 2 }),
  replace: fc.subarray(NAMES, { minLength: 0, maxLength: 1 }),
  canary: fc.boolean(),
  limit: fc.option(fc.nat(20), { nil: undefined }),
});
type Options = typeof options extends fc.Arbitrary<infer T> ? T : never;

function policyOf(world: World, { target, exclude, replace, canary, limit }: Options): Partial<Policy> {
  const named = (names: readonly string[]): Named | undefined => {
    const resolved = resolveNames(world.table, names);
    return names.length > 0 && "named" in resolved ? resolved.named : undefined;
  };
  const [only, without] = [named(target), named(exclude)];
  return {
    replace: named(replace)?.has ?? (() => false),
    ...(only ? { target: only } : {}),
    ...(without ? { exclude: without } : {}),
    ...(canary ? { canary } : {}),
    ...(limit === undefined ? {} : { limit }),
  };
}

const saidOf = (plan: Plan, row: number): string => `${ACTIONS[plan.action[row]!]} ${REASONS[plan.reason[row]!]}`;
const RUNS = /^(create|rerun|retry) /;
const rowsOf = (world: World): number[] => Array.from({ length: world.table.count }, (_, row) => row);
const changing = (plan: Plan): number[] => plan.batches.flatMap((batch) => [...batch.rows]);

/** Carries out what the plan says, in its order. */
/** By the recipes in force, as a bundle has them. */
function carryOut(world: World, plan: Plan): void {
  world.run();
  for (const row of changing(plan)) world.succeed(row);
}

describe("every narrowed plan", () => {
  it("gives each job it runs all that it needs: done, running, or in the plan", () => {
    fc.assert(
      fc.property(form, history, options, (shape, happened, chosen) => {
        const world = worldOf(shape, happened);
        const plan = world.plan(policyOf(world, chosen));
        const there = (row: number) => /^(keep|create|rerun|retry|adopt) |^wait (running|queued)/.test(saidOf(plan, row)); // prettier-ignore
        for (const stage of world.table.stages)
          for (let i = 0; i < stage.count; i++) {
            if (!RUNS.test(saidOf(plan, stage.first + i))) continue;
            stage.stage.inputs.forEach((ir, p) => {
              if (ir.kind !== "edge") return;
              const rows = upstreamRows(stage.inputs[p]!, i);
              const needed = ir.join === "quorum" ? shareOf(ir.fraction!, rows.length) : rows.length;
              expect([keyOfRow(world.table, stage.first + i), [...rows].filter(there).length >= needed]).toEqual([keyOfRow(world.table, stage.first + i), true]); // prettier-ignore
            });
          }
      }),
      { numRuns: 120 },
    );
  });

  it("does what the whole plan would do, or waits; what it leaves out it says", () => {
    fc.assert(
      fc.property(form, history, options, (shape, happened, chosen) => {
        const world = worldOf(shape, happened);
        const policy = policyOf(world, chosen);
        const part = world.plan(policy);
        const { ramp: _, ...unramped } = world.table.campaign;
        const open = world.edited({ ...world.table, campaign: unramped });
        open.live = world.live;
        const whole = open.plan({ replace: policy.replace! });
        let [excluded, ramp] = [0, 0];
        for (const row of rowsOf(world)) {
          const said = saidOf(part, row);
          if (said === "wait excluded") excluded += 1;
          else if (said === "wait ramp") ramp += 1;
          else expect(said).toBe(saidOf(whole, row));
        }
        const { narrowing, ramp: standing, partial } = part.summary;
        expect(narrowing.reduce((sum, { leftOut }) => sum + leftOut, 0)).toBe(excluded);
        expect(standing?.waiting ?? 0).toBe(ramp);
        expect(partial).toBe(narrowing.length > 0);
        if (chosen.limit !== undefined) expect(changing(part).length).toBeLessThanOrEqual(chosen.limit);
      }),
      { numRuns: 120 },
    );
  });

  it("is complete after one canary: another one plans nothing", () => {
    fc.assert(
      fc.property(form, history, options, (shape, happened, chosen) => {
        const world = worldOf({ ...shape, steps: undefined }, happened);
        world.live = false;
        const policy = () => policyOf(world, { ...chosen, replace: [], limit: undefined, canary: true });
        const first = world.plan(policy());
        const perStage = world.table.stages.map((stage) => changing(first).filter((row) => row >= stage.first && row < stage.first + stage.count).length); // prettier-ignore
        // One a stage; a second one only where no job meets the others.
        expect(Math.max(...perStage)).toBeLessThanOrEqual(2);
        carryOut(world, first);
        expect(changing(world.plan(policy()))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("comes to an end under a ramp, a step at a time, and never goes beyond one", () => {
    fc.assert(
      fc.property(form, history, (shape, happened) => {
        const world = worldOf(shape, happened);
        world.live = false;
        world.provide();
        // A step may take a turn for its jobs and one for a release.
        const most = 2 * (world.table.campaign.ramp?.steps.length ?? 1) + 1;
        let step = 0;
        for (let turn = 0; turn < most; turn++) {
          const plan = world.plan();
          const { ramp } = plan.summary;
          expect(ramp?.step ?? 1).toBeGreaterThanOrEqual(step);
          step = ramp?.step ?? 1;
          for (const stage of world.table.stages) {
            if (stage.stage.inputs.some(({ kind }) => kind === "edge")) continue;
            const due = changing(plan).filter((row) => row >= stage.first && row < stage.first + stage.count);
            if (ramp && ramp.size !== "all") expect(due.length).toBeLessThanOrEqual(ramp.size);
          }
          carryOut(world, plan);
          if (ramp && ramp.closed.some(({ why }) => why === "failures"))
            world.releaseRamp(ramp.step, ramp.size as number);
        }
        expect(world.plan().summary.counts).toMatchObject({ create: 0, rerun: 0, retry: 0 });
        expect(world.plan().summary.ramp?.waiting ?? 0).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
