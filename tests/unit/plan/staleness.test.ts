// What moved since a plan was kept, in the words that a refusal uses: one story a cause, with real events through the real reducer.
import { describe, expect, it } from "vitest";
import { exampleOf, causeText } from "../../../src/apply/stale-words.ts";
import { freeze } from "../../../src/plan/frozen.ts";
import { sameBatches, staleness } from "../../../src/plan/staleness.ts";
import type { Policy } from "../../../src/plan/types.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { fact, World } from "../../helpers/world.ts";

const N = { n: [0, 1, 2, 3] };
const MOCK: StageSpec = { name: "mock", axes: N, inputs: { halos: { file: ({ n }) => `halos/${n}` } }, params: ({ n }) => ({ seed: n! }), retry: { attempts: 2 } }; // prettier-ignore
const COPY: StageSpec = { name: "copy", axes: N, inputs: { from: { each: "mock.out" } } };
const SUM: StageSpec = { name: "sum", inputs: { all: { all: "copy.out", over: ["n"] } } };
const table = (mock: Partial<StageSpec> = {}) => buildTable([{ ...MOCK, ...mock }, COPY, SUM]);
const fresh = () => new World(table()).provide().run();
const done = () => fresh().succeedAll();

/** Keeps the plan of `world`, lets `happen`, and says what moved. */
function since(world: World, happen: (world: World) => World | void, policy: Partial<Policy> = {}): readonly string[] {
  const kept = freeze(world.plan(policy), world.table, world.state(), world.observations());
  const later = happen(world) ?? world;
  const now = later.plan(policy);
  const { findings } = staleness(kept, now, later.state(), later.observations());
  if (findings.length === 0) expect(sameBatches(kept, now)).toBe(true);
  return findings.map(exampleOf);
}

describe("nothing moved", () => {
  it("when nothing happened", () => {
    expect(since(fresh(), () => {})).toEqual([]);
    expect(since(done(), () => {})).toEqual([]);
    expect(since(done(), () => {}, { replace: () => true })).toEqual([]);
  });

  it("when a job that the plan leaves alone was run again", () => {
    expect(since(done(), (world) => void world.succeed("sum"))).toEqual([]);
  });

  it("when one of several missing inputs arrives, and its job still cannot run", () => {
    const two = (w: World) => void w.inputs.set("halos/1b", fact("halos/1b"));
    const world = new World(table({ inputs: { halos: { files: ({ n }) => [`halos/${n}a`, `halos/${n}b`] } } })).run();
    expect(since(world, two)).toEqual([]);
  });
});

describe("jobs", () => {
  it.each<[string, (world: World) => World | void, readonly string[]]>([
    ["completed", (w) => void w.succeed(0).succeed(1), ["2 jobs completed: mock[n=0] and 1 other"]],
    ["failed", (w) => void w.fail(1, "exit"), ["1 job failed: mock[n=1]"]],
    ["failed for good", (w) => void w.fail(1, "exit").fail(1, "exit"), ["1 job failed: mock[n=1]", "2 more jobs are planned otherwise because of it: copy[n=1] and 1 other"]],
    ["lost", (w) => void w.fail(2, "lost"), ["1 job was interrupted: mock[n=2]"]],
    ["running", (w) => { w.live = true; w.start(3); }, ["1 job is running or queued: mock[n=3]"]],
    ["submitted", (w) => void w.inFlight.set("mock[n=3]", "submitted"), ["1 job is running or queued: mock[n=3]"]],
    ["without an answer", (w) => void w.inFlight.set("mock[n=3]", "unresolved"), ["1 job is running or queued: mock[n=3]", "2 more jobs are planned otherwise because of it: copy[n=3] and 1 other"]],
    ["of another version", (w) => w.edited(table({ params: ({ n }) => ({ seed: Number(n) + 100 }) })).succeed(0).edited(table()), ["1 job was run under another version of the campaign: mock[n=0]"]],
  ])("%s", (_, happen, told) => expect(since(fresh(), happen)).toEqual(told)); // prettier-ignore

  it("failed again, for the same reason", () => {
    const world = new World(table({ retry: { attempts: 5 } })).provide().run().fail(1, "exit");
    expect(since(world, (w) => void w.fail(1, "exit"))).toEqual(["1 job failed: mock[n=1]"]);
  });

  it("completed, although they are to be run again whatever happened", () => {
    const again = { replace: (row: number) => row < 4 };
    expect(since(done(), (w) => void w.succeed(0), again)).toEqual(["1 job completed: mock[n=0]"]);
  });

  it("released", () => {
    const world = fresh().fail(1, "exit").fail(1, "exit");
    const told = since(world, (w) => void w.retry("mock[n=1]"));
    expect(told[0]).toBe("1 held job was released: mock[n=1]");
  });

  it("whose change somebody accepted", () => {
    const world = done().edited(table({ code: "new" }));
    const accept = (w: World) => {
      const { accepted } = w.state().jobs.get("mock[n=1]")!;
      const code = w.table.stages[0]!.recipe.code;
      w.events.push({ type: "changes-accepted", at: 1_800_000_000_000, user: "ada", reason: "a comment", waivers: [{ key: "mock[n=1]", attemptId: accepted!.attemptId, fields: { code } }] }); // prettier-ignore
    };
    expect(since(world, accept)[0]).toBe("1 change was accepted: mock[n=1]");
  });

  it("taken by others leave others their place under --limit", () => {
    expect(since(fresh(), (w) => void w.succeed(0), { limit: 1 })).toEqual([
      "1 job completed: mock[n=0]",
      "1 more job is planned otherwise because of it: mock[n=1]",
    ]);
  });

  it("that were moved to other keys", () => {
    const same = { ...MOCK, code: "same" };
    const old = buildTable([{ ...same, name: "old" }]);
    const moved = [{ from: { stage: "old" }, to: { stage: "mock" } }];
    const world = new World(old)
      .provide()
      .run()
      .succeedAll()
      .edited(buildTable([same], { moved }));
    expect(world.plan().moves.size).toBe(4);
    expect(since(world, () => {})).toEqual([]);
    expect(since(world, (w) => void w.move(w.plan()))[0]).toBe("4 jobs completed: mock[n=0] and 3 others");
  });

  it("outside the campaign", () => {
    const world = done().edited(table({ axes: { n: [0, 1, 2, 3] } }));
    const strange = buildTable([{ ...MOCK, name: "old" }]);
    const run = (w: World) => w.edited(strange).provide().succeed(0).edited(table());
    expect(since(world, run)).toEqual(["1 job outside the campaign was run: old[n=0]"]);
    const there = world.edited(strange).succeed(0).edited(table());
    expect(since(there, (w) => void w.forgetJobs("old[n=0]"))).toEqual(["1 job outside the campaign was forgotten: old[n=0]"]); // prettier-ignore
  });
});

describe("files", () => {
  const changed = (path: string) => fact(path, 4711, "1800000000.000000001");

  it("inputs of jobs that are new, changed, gone", () => {
    expect(since(fresh(), (w) => void w.inputs.set("halos/1", changed("halos/1")))).toEqual(["1 input changed: halos/1"]); // prettier-ignore
    expect(since(fresh(), (w) => void w.inputs.delete("halos/1"))).toEqual([
      "1 input is gone: halos/1",
      "2 more jobs are planned otherwise because of it: copy[n=1] and 1 other",
    ]);
  });

  it("inputs of complete jobs; and again, when that is planned", () => {
    const change = (w: World) => void w.inputs.set("halos/1", changed("halos/1"));
    const told = ["1 input changed: halos/1", "2 more jobs are planned otherwise because of it: copy[n=1] and 1 other"]; // prettier-ignore
    expect(since(done(), change)).toEqual(told);
    const world = done();
    world.inputs.set("halos/1", fact("halos/1", 5, "1790000000.000000001"));
    expect(since(world, change)).toEqual(["1 input changed: halos/1"]);
    expect(since(world, (w) => void w.inputs.set("halos/1", fact("halos/1")))).toEqual(told);
  });

  it("inputs that arrive", () => {
    const world = fresh();
    world.inputs.delete("halos/0");
    const told = since(world, (w) => void w.inputs.set("halos/0", fact("halos/0")));
    expect(told[0]).toBe("1 input arrived: halos/0");
  });

  it("outputs gone, changed, and back", () => {
    const world = done();
    const path = "mock/2.json";
    const was = world.outputs.get(path)!;
    expect(since(world, (w) => void w.outputs.delete(path))[0]).toBe("1 output is gone: mock/2.json");
    expect(since(world, (w) => void w.outputs.set(path, was))[0]).toBe("1 output is back as it was: mock/2.json");
    expect(since(world, (w) => void w.outputs.set(path, changed(path)))[0]).toBe("1 output changed: mock/2.json");
  });

  it("a second ground beside the reason: the job runs as planned, and replaces something else", () => {
    const world = done().edited(table({ params: ({ n }) => ({ seed: Number(n) + 1 }) }));
    expect(since(world, (w) => void w.outputs.delete("mock/2.json"))).toEqual(["1 output is gone: mock/2.json"]);
  });

  it("files without a receipt, which would be replaced", () => {
    expect(since(fresh(), (w) => void w.outputs.set("mock/2.json", changed("mock/2.json")))).toEqual([
      "1 output file came or went without a receipt: mock/2.json",
    ]);
  });

  it("journals", () => {
    const lost = (w: World) => void w.events.splice(0, w.events.length);
    const told = since(done(), lost);
    expect(told[0]).toBe("9 jobs have no receipt any more: mock[n=0] and 8 others");
  });
});

it("large numbers are grouped", () => {
  expect(causeText({ cause: "completed", count: 12345, example: "x" })).toBe("12,345 jobs completed");
});
