// Results a quorum was gathered for: what makes them stale, what does not, and what the plan says of members that came later.
import { describe, expect, it } from "vitest";
import type { Detail } from "../../../src/plan/types.ts";
import { inForce } from "../../../src/plan/in-force.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { fact, World } from "../../helpers/world.ts";

const MOCK: StageSpec = {
  name: "mock",
  axes: { n: [0, 1, 2, 3, 4] },
  params: ({ n }) => ({ seed: n! }),
  inputs: { halos: { file: ({ n }) => `halos/${n}` } },
  code: "c",
  retry: { attempts: 1 },
};
const COVARIANCE: StageSpec = {
  name: "covariance",
  inputs: { mocks: { quorum: "mock.out", over: ["n"], fraction: 0.6 } },
};
const table = (mock: Partial<StageSpec> = {}, covariance: Partial<StageSpec> = {}) =>
  buildTable([
    { ...MOCK, ...mock },
    { ...COVARIANCE, ...covariance },
  ]);
const seeds = (...changed: number[]) => table({ params: ({ n }) => ({ seed: changed.includes(Number(n)) ? 99 : n! }) });
const mocks = (w: World, ...numbers: number[]) => numbers.reduce((world, n) => world.succeed(`mock[n=${n}]`), w);
/** Made from four of five: 4 failed. */
const made = () =>
  mocks(new World(table()).provide().run(), 0, 1, 2, 3).fail("mock[n=4]", "exit").succeed("covariance");
const of = (w: World, key = "covariance") => {
  const plan = w.plan();
  return {
    lines: plan.summary.groups
      .filter(({ action }) => action !== "keep")
      .map(({ stage, action, reason, count }) => `${stage} ${action} ${reason} ${count}`),
    details: plan.details.get(w.row(key)) ?? [],
    notices: plan.summary.notices,
  };
};
const quorum = (more: object): Detail =>
  ({
    type: "quorum",
    port: "mocks",
    stage: "mock",
    used: 4,
    of: 5,
    arrived: [],
    coming: [],
    lost: [],
    ...more,
  }) as Detail;

describe("a member that was not used", () => {
  it("may change: its own business", () => {
    expect(of(made().edited(seeds(4)))).toEqual({
      lines: ["mock create new 1"],
      details: [quorum({ coming: ["mock[n=4]"] })],
      notices: [
        "covariance: 1 job was made from 4 of 5 jobs of mock; 1 more is made by this plan: `cmc apply --replace covariance` takes them in.",
      ],
    });
  });

  it("may arrive: the result is kept, and the plan says so", () => {
    const w = made().edited(seeds(4)).run().succeed("mock[n=4]");
    expect(of(w)).toMatchObject({ lines: [], details: [quorum({ arrived: ["mock[n=4]"] })] });
    expect(of(w.succeed("covariance"))).toEqual({ lines: [], details: [], notices: [] });
  });

  it("may appear in the campaign or leave it", () => {
    expect(
      of(
        made()
          .edited(table({ axes: { n: [0, 1, 2, 3, 4, 5, 6] } }))
          .provide(),
      ).lines,
    ).toEqual(["mock create new 2", "mock hold attempts_exhausted 1"]);
    expect(of(made().edited(table({ axes: { n: [0, 1, 2, 3] } })))).toMatchObject({ details: [], notices: [] });
  });
});

describe("a member that was used", () => {
  it("reruns the result when its recipe changed, in the same plan and after an apply of it alone", () => {
    const w = made().edited(seeds(2));
    expect(of(w)).toMatchObject({
      lines: ["mock rerun params_changed 1", "mock hold attempts_exhausted 1", "covariance rerun upstream_changed 1"],
      details: [{ type: "upstream", key: "mock[n=2]", why: "params_changed" }],
    });
    w.run().succeed("mock[n=2]");
    expect(of(w)).toMatchObject({
      lines: ["mock hold attempts_exhausted 1", "covariance rerun upstream_changed 1"],
      details: [{ type: "upstream", key: "mock[n=2]", why: "params_changed" }],
    });
  });

  it("reruns it when its data were renewed under the same recipe", () => {
    const w = made();
    w.inputs.set("halos/1", fact("halos/1", 7));
    const changed = { type: "upstream", key: "mock[n=1]", why: "input_changed" };
    expect(of(w).details).toEqual([changed]);
    expect(of(w.run().succeed("mock[n=1]")).details).toEqual([changed]);
  });

  it("reruns it when it left the campaign", () => {
    expect(of(made().edited(table({ axes: { n: [0, 1, 2] } }))).details).toEqual([
      { type: "upstream", key: "mock[n=3]", why: "forget" },
    ]);
  });

  it("does not, when it is made again by the same recipe; if that fails, the plan says so", () => {
    const w = made();
    w.outputs.delete("mock/1.json");
    expect(of(w).lines).toEqual(["mock rerun output_missing 1", "mock hold attempts_exhausted 1"]);
    w.run().fail("mock[n=1]", "exit");
    expect(of(w)).toEqual({
      lines: ["mock hold attempts_exhausted 2"],
      details: [quorum({ lost: ["mock[n=1]"] })],
      notices: [
        "covariance: 1 job was made from jobs of mock that cannot be made again, mock[n=1] first; its result is kept.",
      ],
    });
  });

  it("changed and failed: the result is made again from the others", () => {
    const w = made().edited(seeds(2, 4)).run().fail("mock[n=2]", "exit").succeed("mock[n=4]");
    expect(of(w)).toMatchObject({
      lines: ["mock hold attempts_exhausted 1", "covariance rerun upstream_changed 1"],
      details: [{ type: "upstream", key: "mock[n=2]", why: "attempts_exhausted" }],
    });
  });
});

describe("what is made from a gathered result", () => {
  const chain = (mock: Partial<StageSpec> = {}) => {
    return buildTable([
      { ...MOCK, ...mock },
      COVARIANCE,
      { name: "invert", inputs: { cov: { each: "covariance.out" } } },
      { name: "plot", inputs: { all: { all: "invert.out", over: [] } } },
    ]);
  };
  const drawn = () =>
    mocks(new World(chain()).provide().run(), 0, 1, 2, 3)
      .fail("mock[n=4]", "exit")
      .succeed("covariance")
      .succeed("invert")
      .succeed("plot");
  const grown = { axes: { n: [0, 1, 2, 3, 4, 5, 6] } };

  it("stays with it when the matrix grows, and is done by the journals alone", () => {
    const w = drawn().edited(chain(grown)).provide();
    expect(of(w).lines).toEqual(["mock create new 2", "mock hold attempts_exhausted 1"]);
    const table = inForce(w.table, w.state());
    for (const key of ["covariance", "invert", "plot"]) {
      const row = w.row(key);
      const stage = table.stages.findLast(({ first }) => first <= row)!;
      expect(w.state().jobs.get(key)!.receipt!.recipe.digest).toBe(stage.recipe.digest.at(row - stage.first));
    }
  });

  it("follows it when a member changed, also where the result was renewed by an apply of its own", () => {
    const changed = { params: ({ n }: Record<string, unknown>) => ({ seed: n === 2 ? 99 : (n as number) }) };
    const w = drawn().edited(chain(changed));
    expect(of(w).lines).toEqual([
      "mock rerun params_changed 1",
      "mock hold attempts_exhausted 1",
      "covariance rerun upstream_changed 1",
      "invert rerun upstream_changed 1",
      "plot rerun upstream_changed 1",
    ]);
    w.run().succeed("mock[n=2]").succeed("covariance");
    expect(of(w).lines.slice(1)).toEqual(["invert rerun upstream_changed 1", "plot rerun upstream_changed 1"]);
    w.run().succeed("invert").succeed("plot");
    expect(of(w).lines).toEqual(["mock hold attempts_exhausted 1"]);
  });

  it("follows it when members were taken in that had arrived", () => {
    const w = drawn().retry("mock[n=4]").run().succeed("mock[n=4]");
    expect(of(w).lines).toEqual([]);
    w.run().succeed("covariance");
    expect(of(w).lines).toEqual(["invert rerun upstream_changed 1", "plot rerun upstream_changed 1"]);
  });
});

it("members that were renamed are known by their earlier keys, before and after the move is applied", () => {
  const outputs = { out: ({ n }: Record<string, unknown>) => `o/${String(n)}` };
  const before = () => mocks(new World(table({ outputs })).provide().run(), 0, 1, 2, 3).succeed("covariance");
  const renamed = (mock: Partial<StageSpec> = {}) =>
    buildTable(
      [
        { ...MOCK, outputs, ...mock, name: "catalogue" },
        { ...COVARIANCE, inputs: { mocks: { quorum: "catalogue.out", over: ["n"], fraction: 0.6 } } },
      ],
      { moved: [{ from: { stage: "mock" }, to: { stage: "catalogue" } }] },
    );
  const w = before().edited(renamed());
  expect(of(w).lines).toEqual(["catalogue create new 1", "catalogue move moved 4"]);
  w.run().move(w.plan());
  expect(of(w).lines).toEqual(["catalogue create new 1"]);
  const other = { params: ({ n }: Record<string, unknown>) => ({ seed: n === 2 ? 99 : (n as number) }) };
  expect(of(w.edited(renamed(other))).details).toEqual([{ type: "upstream", key: "mock[n=2]", why: "params_changed" }]);
});

it("another output at the port reruns", () => {
  const more = {
    outputs: {
      out: ({ n }: Record<string, unknown>) => `o/${String(n)}`,
      map: ({ n }: Record<string, unknown>) => `m/${String(n)}`,
    },
  };
  const w = mocks(new World(table(more)).provide().run(), 0, 1, 2, 3, 4).succeed("covariance");
  const now = table(more, { inputs: { mocks: { quorum: "mock.map", over: ["n"], fraction: 0.6 } } });
  expect(of(w.edited(now)).details).toEqual([
    { type: "field", field: "upstream", path: "upstream", old: "mocks=out", new: "mocks=map" },
  ]);
});

it("a receipt that does not say what was used is compared with all", () => {
  const w = made();
  for (const [i, event] of w.events.entries())
    if (event.type === "attempt-finished" && event.receipt?.upstreamUsed) {
      const { upstreamUsed: _, ...receipt } = event.receipt;
      w.events[i] = { ...event, receipt };
    }
  expect(of(w.edited(seeds(4))).lines).toContain("covariance rerun upstream_changed 1");
});
