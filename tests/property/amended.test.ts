// What people say of their results holds, whatever the campaign: accepted then planned is kept, moved then planned is kept; order of writing means nothing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOfRow } from "../../src/expand/table.ts";
import type { MoveIR } from "../../src/ir/campaign.ts";
import { ACTIONS, type Plan, REASONS } from "../../src/plan/types.ts";
import { waiversFor } from "../../src/plan/waive.ts";
import { buildTable, type Point, type StageSpec } from "../helpers/table.ts";
import { fact, World } from "../helpers/world.ts";

const ZS = [1.4, 2, 0.5];
const BOXES = ["big", "tiled"];

interface Form {
  readonly stage: string;
  readonly axis: string;
  readonly values: readonly number[];
  readonly boxes: readonly string[];
  readonly output: string;
  readonly folder: string;
  readonly seed: number;
  readonly code: string;
  readonly cut: number;
  readonly environment: string;
}
const FORM: Form = { stage: "mock", axis: "z", values: ZS, boxes: BOXES, output: "cat", folder: "made", seed: 1, code: "c", cut: 1, environment: "e" }; // prettier-ignore

function stages(f: Form): StageSpec[] {
  const axes = { [f.axis]: f.values, box: f.boxes };
  const path = (p: Point) => `${f.folder}/${Object.values(p).join("_")}.txt`;
  return [
    {
      name: f.stage, axes, code: f.code, params: () => ({ seed: f.seed }), environment: { container: f.environment },
      inputs: { halos: { file: () => "halos.h5" } },
      outputs: { [f.output]: path, log: (p) => `log-of-${path(p)}` },
    },
    { name: "fit", axes, params: () => ({ cut: f.cut }), inputs: { cat: { each: `${f.stage}.${f.output}` } } },
    { name: "cov", axes: { [f.axis]: f.values }, inputs: { fits: { all: "fit.out", over: ["box"] } } },
  ]; // prettier-ignore
}

const tableOf = (f: Form, moved?: readonly MoveIR[]) => buildTable(stages(f), moved ? { moved } : {});
const done = (f = FORM) => new World(tableOf(f)).provide().run().succeedAll();
const kept = (plan: Plan) => plan.action.every((action) => ACTIONS[action] === "keep");

describe("accepted, then planned", () => {
  const edit = fc.record({
    seed: fc.constantFrom(1, 2),
    code: fc.constantFrom("c", "d"),
    environment: fc.constantFrom("e", "f"),
    cut: fc.constantFrom(1, 2),
    touched: fc.boolean(),
  });

  it("is kept, and a second time there is nothing to accept", () => {
    fc.assert(
      fc.property(edit, ({ touched, ...edits }) => {
        const world = done().edited(tableOf({ ...FORM, ...edits }));
        if (touched) world.putInput(fact("halos.h5", 77));
        // Stage by stage, as the command does.
        for (const { first, count } of world.table.stages) {
          const plan = world.plan();
          const rows = Array.from({ length: count }, (_, i) => first + i).filter((row) => ACTIONS[plan.action[row]!] !== "keep"); // prettier-ignore
          world.accept(waiversFor(world.table, plan, world.state(), world.observations(), rows));
        }
        expect(kept(world.plan())).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe("moved, then planned", () => {
  type Step = readonly [MoveIR, (form: Form) => Form];
  const STEPS: readonly ((form: Form) => Step)[] = [
    ({ stage }) => [{ from: { stage }, to: { stage: `${stage}x` } }, (f) => ({ ...f, stage: `${f.stage}x` })],
    ({ axis }) => [{ from: { axis }, to: { axis: `${axis}x` } }, (f) => ({ ...f, axis: `${f.axis}x` })],
    ({ boxes }) => [
      { from: { at: { box: boxes[0]! } }, to: { at: { box: `${boxes[0]}x` } } },
      (f) => ({ ...f, boxes: [`${f.boxes[0]}x`, ...f.boxes.slice(1)] }),
    ],
    ({ stage }) => [
      { from: { stage, output: "log" }, to: { stage, output: "log" } },
      (f) => ({ ...f, folder: `${f.folder}x` }),
    ],
  ];

  it("nothing runs; carried out, everything is kept; the entries may go", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STEPS.length - 1), { minLength: 1, maxLength: 4 }), fc.boolean(), (steps, atOnce) => {
        let form = FORM;
        let world = done();
        const moves: MoveIR[] = [];
        for (const step of steps) {
          const [move, next] = STEPS[step]!(form);
          // A new folder is one for both outputs of the stage.
          const both = move.from.output === "log" ? [{ from: { ...move.from, output: form.output }, to: { ...move.to, output: form.output } }] : []; // prettier-ignore
          moves.push(move, ...both);
          form = next(form);
          world = world.edited(tableOf(form, moves));
          if (!atOnce) expectMoved(world);
        }
        if (atOnce) expectMoved(world);
        expect(kept(world.edited(tableOf(form)).plan())).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  function expectMoved(world: World): void {
    const plan = world.plan();
    const verdicts = Array.from(plan.action, (action, row) => `${ACTIONS[action]} ${REASONS[plan.reason[row]!]}`);
    expect(verdicts.filter((verdict) => verdict !== "move moved" && verdict !== "keep completed")).toEqual([]);
    expect(plan.batches).toEqual([]);
    world.move(plan);
    const after = world.plan();
    expect(kept(after)).toBe(true);
    expect(after.forget).toEqual([]);
  }
});

describe("the order of writing", () => {
  it("of axes, values, parameters and inputs means nothing to any job", () => {
    const shuffled = fc.shuffledSubarray(ZS, { minLength: 3 });
    fc.assert(
      fc.property(
        shuffled,
        fc.shuffledSubarray(BOXES, { minLength: 2 }),
        fc.boolean(),
        fc.nat(14),
        (values, boxes, swap, lost) => {
          const specs = stages({ ...FORM, values, boxes, seed: 2 });
          const turned = specs.map((spec) => swap && spec.axes ? { ...spec, axes: Object.fromEntries(Object.entries(spec.axes).reverse()) } : spec); // prettier-ignore
          const verdicts = (world: World): Record<string, string> => {
            world.outputs.delete([...world.outputs.keys()].sort()[lost]!);
            const plan = world.plan();
            return Object.fromEntries(Array.from(plan.action, (action, row) => [keyOfRow(plan.table, row), `${ACTIONS[action]} ${REASONS[plan.reason[row]!]} ${(plan.details.get(row) ?? []).map((detail) => JSON.stringify(detail)).sort().join()}`])); // prettier-ignore
          };
          const same = verdicts(done().edited(tableOf({ ...FORM, seed: 2 })));
          const paths = (p: Point) => `made/${String(p["z"])}_${String(p["box"])}.txt`;
          const fixed = turned.map((spec, i) => (i === 0 ? { ...spec, outputs: { cat: paths, log: (p: Point) => `log-of-${paths(p)}` } } : spec)); // prettier-ignore
          const defaults = fixed.map((spec, i) => (i === 0 ? spec : { ...spec, outputs: { out: (p: Point) => `${spec.name}/${[p["z"], p["box"]].filter((v) => v !== undefined).join("_")}.json` } })); // prettier-ignore
          expect(verdicts(done().edited(buildTable(defaults)))).toEqual(same);
        },
      ),
      { numRuns: 40 },
    );
  });
});
