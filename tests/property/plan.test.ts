// What holds of every plan, whatever the campaign, its history and the disk.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOfRow, stageOfRow } from "../../src/expand/table.ts";
import { shareOf } from "../../src/plan/readiness.ts";
import { ACTIONS, type Action, type Plan, REASONS } from "../../src/plan/types.ts";
import type { AttemptClass, Event } from "../../src/state/events.ts";
import { buildTable, type StageSpec } from "../helpers/table.ts";
import { fact, World } from "../helpers/world.ts";

const RUNNING: readonly Action[] = ["create", "rerun", "retry"];
const FAILURES: readonly AttemptClass[] = [
  "exit",
  "signal",
  "oom",
  "timeout",
  "validation",
  "missing-input",
  "cancelled",
  "lost",
];

const shape = fc.record({
  realizations: fc.integer({ min: 1, max: 6 }),
  redshifts: fc.integer({ min: 1, max: 3 }),
  policy: fc.constantFrom("element", "group", "quorum", "fail"),
  fraction: fc.double({ min: 0.05, max: 1, noNaN: true }),
  join: fc.constantFrom("all", "quorum"),
  batchSize: fc.integer({ min: 1, max: 5 }),
  edit: fc.constantFrom("none", "seed", "code", "grow", "shrink"),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

function stages(
  { realizations, redshifts, policy, fraction, join, batchSize }: Shape,
  code = "c",
  seed = -1,
): StageSpec[] {
  const axes = {
    redshift: [1.4, 2, 0.5].slice(0, redshifts),
    realization: Array.from({ length: realizations }, (_, i) => i),
  };
  return [
    {
      name: "mock",
      axes,
      code,
      params: ({ realization }) => ({ seed: realization === 0 ? seed : Number(realization) }),
      inputs: { halos: { file: ({ realization, redshift }) => `halos/${realization}/${redshift}` } },
      missingInput: { policy, by: policy === "group" || policy === "quorum" ? ["realization"] : [], fraction },
      batchSize,
    },
    { name: "calibrate", axes, inputs: { mock: { each: "mock.out" } }, retry: { attempts: 2 } },
    {
      name: "covariance",
      axes: { redshift: axes.redshift },
      inputs: {
        mocks:
          join === "all"
            ? { all: "calibrate.out", over: ["realization"] }
            : { quorum: "calibrate.out", over: ["realization"], fraction },
      },
    },
  ];
}

/** What happened to some jobs, in order, and then to some files. */
const history = fc.record({
  steps: fc.array(fc.tuple(fc.nat(60), fc.constantFrom("ok", "open", ...FAILURES)), { maxLength: 30 }),
  lost: fc.array(fc.nat(60), { maxLength: 4 }),
  cut: fc.array(fc.nat(60), { maxLength: 4 }),
  missing: fc.array(fc.nat(60), { maxLength: 4 }),
  changed: fc.array(fc.nat(60), { maxLength: 3 }),
  live: fc.boolean(),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

function worldOf(form: Shape, { steps, lost, cut, missing, changed, live }: History): World {
  const before = new World(buildTable(stages(form))).provide().run();
  const some = (n: number) => n % before.table.count;
  for (const [n, how] of steps)
    if (how === "ok") before.succeed(some(n));
    else if (how === "open") before.start(some(n));
    else before.fail(some(n), how);
  const after = before.edited(
    buildTable(stages(edited(form), form.edit === "code" ? "d" : "c", form.edit === "seed" ? 99 : -1)),
  );
  const outputs = [...after.outputs.keys()];
  const inputs = [...after.inputs.keys()];
  for (const n of lost) after.outputs.delete(outputs[n % outputs.length]!);
  for (const n of cut) {
    const path = outputs[n % outputs.length];
    if (path !== undefined && after.outputs.has(path))
      after.outputs.set(path, { ...after.outputs.get(path)!, size: 1 });
  }
  for (const n of changed) after.inputs.set(inputs[n % inputs.length]!, fact(inputs[n % inputs.length]!, 7));
  for (const n of missing) after.inputs.delete(inputs[n % inputs.length]!);
  after.live = live;
  return after;
}

function edited(form: Shape): Shape {
  const more = form.edit === "grow" ? 1 : form.edit === "shrink" && form.realizations > 1 ? -1 : 0;
  return { ...form, realizations: form.realizations + more };
}

const world = fc.tuple(shape, history).map(([form, happened]) => worldOf(form, happened));
const actionOf = (plan: Plan, row: number): Action => ACTIONS[plan.action[row]!]!;
const said = (plan: Plan) =>
  JSON.stringify({
    ...plan,
    table: undefined,
    action: [...plan.action],
    reason: [...plan.reason],
    details: [...plan.details].sort(([a], [b]) => a - b),
    batches: plan.batches.map((b) => [b.id, [...b.rows]]),
  });

describe("every plan", () => {
  it("is the same whatever the order in which journals are read", () => {
    fc.assert(
      fc.property(world, fc.integer(), (w, salt) => {
        const shuffled = (events: readonly Event[]) => events.map((e, i) => ({ e, k: Math.imul(i + 1, salt | 1) })).sort((a, b) => a.k - b.k).map(({ e }) => e); // prettier-ignore
        const other = Object.assign(new World(w.table), w);
        other.state = () => World.prototype.state.call(w, shuffled);
        expect(said(other.plan())).toBe(said(w.plan()));
      }),
      { numRuns: 60 },
    );
  });

  it("says an action and a reason of every job, and counts them all", () => {
    fc.assert(
      fc.property(world, fc.boolean(), fc.option(fc.nat(10), { nil: undefined }), (w, adopt, limit) => {
        const plan = w.plan({ adopt, ...(limit === undefined ? {} : { limit }) });
        for (let row = 0; row < w.table.count; row++) {
          expect(ACTIONS[plan.action[row]!]).toBeDefined();
          expect(REASONS[plan.reason[row]!]).toBeDefined();
        }
        const { forget, ...counts } = plan.summary.counts;
        expect(forget).toBe(plan.forget.length);
        expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(w.table.count);
        expect(plan.summary.groups.filter((g) => g.action !== "forget").reduce((sum, g) => sum + g.count, 0)).toBe(
          w.table.count,
        );
        for (const group of plan.summary.groups) expect(group.sharing ?? 0).toBeLessThanOrEqual(group.count);
        if (limit !== undefined)
          expect(counts.create + counts.rerun + counts.retry + counts.adopt).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 60 },
    );
  });

  it("batches exactly what runs or is adopted, once, in plan order, within size", () => {
    fc.assert(
      fc.property(world, fc.boolean(), (w, adopt) => {
        const plan = w.plan({ adopt });
        const due = Array.from({ length: w.table.count }, (_, row) => row).filter((row) =>
          [...RUNNING, "adopt"].includes(actionOf(plan, row)),
        );
        const batched = plan.batches.flatMap((batch) => [...batch.rows]);
        expect([...batched].sort((a, b) => a - b)).toEqual(due);
        expect(new Set(plan.batches.map((b) => b.id)).size).toBe(plan.batches.length);
        for (const batch of plan.batches) {
          expect([...batch.rows]).toEqual([...batch.rows].sort((a, b) => a - b));
          expect(batch.rows.length).toBeLessThanOrEqual(
            batch.stage === "mock" ? w.table.stages[0]!.stage.batchSize! : 100,
          );
          for (const row of batch.rows) {
            expect(stageOfRow(w.table, row).stage.name).toBe(batch.stage);
            expect(actionOf(plan, row) === "adopt").toBe(batch.id.startsWith("adopt-"));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("never runs a job whose upstream cannot deliver", () => {
    fc.assert(
      fc.property(world, (w) => {
        const plan = w.plan();
        const stuck = (row: number) => ["block", "hold"].includes(actionOf(plan, row));
        for (const stage of w.table.stages)
          stage.inputs.forEach((column, p) => {
            const ir = stage.stage.inputs[p]!;
            if (ir.kind !== "edge") return;
            for (let i = 0; i < stage.count; i++) {
              if (!RUNNING.includes(actionOf(plan, stage.first + i))) continue;
              const rows =
                column.kind === "each"
                  ? [column.row[i]!]
                  : column.kind === "group"
                    ? [
                        ...column.members.subarray(
                          column.starts[column.group[i]!]!,
                          column.starts[column.group[i]! + 1]!,
                        ),
                      ]
                    : [];
              const present = rows.filter((row) => !stuck(row)).length;
              if (ir.join === "quorum") expect(present / rows.length).toBeGreaterThanOrEqual(ir.fraction! - 1e-9);
              else expect(present).toBe(rows.length);
            }
          });
      }),
      { numRuns: 60 },
    );
  });

  it("keeps everything after all of it was carried out", () => {
    fc.assert(
      fc.property(world, (w) => {
        w.provide();
        w.live = false;
        for (let turn = 0; turn < 3; turn++) {
          const plan = w.plan();
          for (let row = 0; row < w.table.count; row++) {
            const action = actionOf(plan, row);
            if (action !== "keep") w.succeed(row);
          }
          if (plan.forget.length > 0) w.forgetJobs(...plan.forget);
        }
        const { counts, cost } = w.plan().summary;
        expect(counts).toMatchObject({
          create: 0,
          rerun: 0,
          retry: 0,
          block: 0,
          hold: 0,
          forget: 0,
          keep: w.table.count,
        });
        expect(cost.runs).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("group policy: a group that would run is whole, and a short one does not run at all", () => {
    fc.assert(
      fc.property(shape, history, (form, happened) => {
        const w = worldOf({ ...form, policy: "group" }, happened);
        const plan = w.plan();
        const groups = new Map<string, Action[]>();
        const stage = w.table.stages[0]!;
        for (let i = 0; i < stage.count; i++) {
          const group = /realization=(\d+)/.exec(keyOfRow(w.table, i))![1]!;
          groups.set(group, [...(groups.get(group) ?? []), actionOf(plan, i)]);
        }
        for (const actions of groups.values())
          expect(actions.includes("block") && actions.some((a) => RUNNING.includes(a))).toBe(false);
      }),
      { numRuns: 80 },
    );
  });

  it("quorum: the threshold is the whole number the fraction means", () => {
    // All percentages of all groups up to 200: 0.55 x 20 is 11.000000000000002 in binary.
    for (let percent = 1; percent <= 100; percent++)
      for (let count = 1; count <= 200; count++)
        expect(shareOf(percent / 100, count)).toBe(Math.ceil((percent * count) / 100));
  });

  it("quorum policy: the threshold is exact", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: -1, max: 1 }),
        (count, percent, off) => {
          const fraction = percent / 100;
          const axes = { realization: Array.from({ length: count }, (_, i) => i) };
          const w = new World(
            buildTable([
              {
                name: "mock",
                axes,
                inputs: { halo: { file: ({ realization }) => `halo/${realization}` } },
                missingInput: { policy: "quorum", by: [], fraction },
              },
            ]),
          ).provide();
          // Around the threshold: where rounding would show.
          const gone = Math.min(count, Math.max(0, count - Math.ceil((percent * count) / 100) + off));
          for (let i = 0; i < gone; i++) w.inputs.delete(`halo/${i}`);
          // Whole numbers only: what the fraction means to the person who wrote it.
          const enough = (count - gone) * 100 >= percent * count;
          const { counts } = w.plan().summary;
          expect(counts.create).toBe(enough ? count - gone : 0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
