// What people said of jobs, in the plan: blocked jobs are held, forgotten results are new and unsettle what was made from them.
import { describe, expect, it } from "vitest";
import { planAfter } from "../../../src/plan/foresee.ts";
import { ACTIONS, REASONS } from "../../../src/plan/types.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";

const n = [0, 1];
const SIM: StageSpec = { name: "sim", axes: { n }, outputs: { out: ({ n }) => `sim/${n}` }, retry: { attempts: 1 } };
const FIT: StageSpec = { name: "fit", axes: { n }, inputs: { sim: { each: "sim.out" } }, outputs: { out: ({ n }) => `fit/${n}` } }; // prettier-ignore
const SUM: StageSpec = { name: "sum", inputs: { fits: { quorum: "fit.out", over: ["n"], fraction: 0.5 } }, outputs: { out: () => "sum" } }; // prettier-ignore
const table = buildTable([SIM, FIT, SUM]);
const fresh = () => new World(table).run();

/** `sim[n=0] hold held`, without those that are kept. */
function told(world: World, plan = world.plan()): string[] {
  const keys = ["sim[n=0]", "sim[n=1]", "fit[n=0]", "fit[n=1]", "sum"];
  return keys.flatMap((key, row) => {
    const action = ACTIONS[plan.action[row]!]!;
    return action === "keep" ? [] : [`${key} ${action} ${REASONS[plan.reason[row]!]!}`];
  });
}

describe("a blocked job", () => {
  it("is held, and what needs it with it; a quorum does without", () => {
    const world = fresh().block("sim[n=1]");
    expect(told(world)).toEqual(["sim[n=0] create new", "sim[n=1] hold held", "fit[n=0] create new", "fit[n=1] block upstream_failed", "sum create new"]); // prettier-ignore
    expect(world.plan().details.get(1)).toEqual([{ type: "note", text: expect.stringMatching(/^blocked by ada at \S+Z: not yet$/) }]); // prettier-ignore
    expect(told(world.release("sim[n=1]"))).toContain("sim[n=1] create new");
  });

  it("is held whatever there is to be done with it: retry, rerun, adopt, --replace", () => {
    expect(told(fresh().fail("sim[n=1]", "lost").block("sim[n=1]"))).toContain("sim[n=1] hold held");
    const done = fresh().succeedAll().block("sim[n=1]");
    expect(told(done)).toEqual([]);
    expect(told(done, done.plan({ replace: (row) => row === 1 }))[0]).toBe("sim[n=1] hold held");
    const found = fresh().block("sim[n=1]");
    found.outputs.set("sim/1", { path: "sim/1", size: 1, mtime: "1.0" });
    expect(told(found, found.plan({ adopt: true }))).toContain("sim[n=1] hold held");
    expect(told(done.edited(buildTable([{ ...SIM, code: "other" }, FIT, SUM])))).toContain("sim[n=1] hold held");
  });

  it("that is released after a failure is out of tries as before", () => {
    const world = fresh().fail("sim[n=1]", "exit").block("sim[n=1]");
    expect(told(world)).toContain("sim[n=1] hold held");
    expect(told(world.release("sim[n=1]"))).toContain("sim[n=1] hold attempts_exhausted");
  });

  it("stays blocked when it is renamed, until it is released under its new name", () => {
    const renamed = { ...table, campaign: { ...table.campaign, moved: [{ from: { stage: "old" }, to: { stage: "sim" } }] } };
    const before = new World(buildTable([{ ...SIM, name: "old" }])).run().block("old[n=1]");
    const world = before.edited(renamed);
    expect(told(world)).toContain("sim[n=1] hold held");
    expect(told(world)).toContain("sim[n=0] create new");
    expect(told(world.release("sim[n=1]"))).toContain("sim[n=1] create new");
    expect(told(world.block("sim[n=1]"))).toContain("sim[n=1] hold held");
  }); // prettier-ignore
});

describe("a forgotten result", () => {
  const done = () => fresh().succeedAll();

  it("is new, with its files found; what was made from it runs again", () => {
    const world = done().forgetResults("sim[n=1]");
    expect(told(world)).toEqual([
      "sim[n=1] create new",
      "fit[n=1] rerun upstream_changed",
      "sum rerun upstream_changed",
    ]);
    expect(world.plan().details.get(1)).toEqual([{ type: "found", paths: ["sim/1"] }]);
    expect(world.plan().details.get(3)).toEqual([{ type: "upstream", key: "sim[n=1]", why: "new" }]);
  });

  it("that was made again leaves what is older than that to be made again, and nothing else", () => {
    const world = done().forgetResults("sim[n=1]").succeed("sim[n=1]");
    expect(told(world)).toEqual(["fit[n=1] rerun upstream_changed", "sum rerun upstream_changed"]);
    expect(world.plan().details.get(3)).toEqual([{ type: "upstream", key: "sim[n=1]", why: "forget" }]);
    expect(told(world.succeed("fit[n=1]"))).toEqual(["sum rerun upstream_changed"]);
    expect(told(world.succeed("sum"))).toEqual([]);
  });

  it("of a job that is blocked stays away, and so does what needs it", () => {
    const world = done().forgetResults("sim[n=1]").block("sim[n=1]");
    expect(told(world)).toEqual(["sim[n=1] hold held", "fit[n=1] block upstream_failed", "sum rerun upstream_changed"]);
  });

  it("of a job that left the campaign is not mentioned any more", () => {
    const smaller = buildTable([{ ...SIM, axes: { n: [0] } }, { ...FIT, axes: { n: [0] } }, SUM]);
    const world = done().edited(smaller);
    expect(world.plan().forget).toEqual(["fit[n=1]", "sim[n=1]"]);
    expect(world.forgetResults("sim[n=1]").plan().forget).toEqual(["fit[n=1]"]);
  });

  it("can be foreseen, and the state stays as it is", () => {
    const world = done();
    const state = world.state();
    const now = { table: world.table, state, observations: world.observations() };
    const attempts = [state.jobs.get("fit[n=0]")!.attempts.map(({ attemptId }) => attemptId)];
    const then = planAfter(now, { type: "forget-requested", at: 1, keys: ["fit[n=0]"], attempts, user: "ada", reason: "x" }); // prettier-ignore
    expect(told(world, then)).toEqual(["fit[n=0] create new", "sum rerun upstream_changed"]);
    expect(state.jobs.get("fit[n=0]")!.receipt).toBeDefined();
    expect(state.verbs).toEqual([]);
  });
});
