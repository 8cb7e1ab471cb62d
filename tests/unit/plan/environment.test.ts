// What a changed environment makes of finished jobs: facts old and new, and the Node that receipts record.
import { describe, expect, it } from "vitest";
import type { Detail } from "../../../src/plan/types.ts";
import { waiversFor } from "../../../src/plan/waive.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";

const table = (mock: Partial<StageSpec> = {}) =>
  buildTable([
    { name: "mock", axes: { n: [0, 1] }, ...mock },
    { name: "sum", inputs: { mocks: { all: "mock.out", over: ["n"] } } },
  ]);
const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;
const made = (mock: Partial<StageSpec> = {}) => new World(table(mock)).run().succeedAll();
const reasons = (w: World) =>
  w
    .plan()
    .summary.groups.filter(({ action }) => action !== "keep")
    .map(({ stage, action, reason, count }) => `${stage} ${action} ${reason} ${count}`);
const fact = (path: string, old?: string, now?: string): Detail => ({
  type: "field",
  field: "environment",
  path,
  ...(old === undefined ? {} : { old }),
  ...(now === undefined ? {} : { new: now }),
});

describe("facts", () => {
  it("are shown one by one, old and new", () => {
    const before = { container: { image: "survey:2", digest: A }, modules: ["python/3.11"], scheme: 1 };
    const w = made({ environment: before }).edited(
      table({ environment: { container: { image: "survey:2", digest: B }, modules: ["python/3.11", "hdf5"] } }),
    );
    expect(reasons(w)).toEqual(["mock rerun env_changed 2", "sum rerun upstream_changed 1"]);
    expect(w.plan().details.get(0)).toEqual([
      fact("environment.container.digest", JSON.stringify(A), JSON.stringify(B)),
      fact("environment.modules[1]", undefined, '"hdf5"'),
      fact("environment.scheme", "1"),
    ]);
  });

  it("that the run did not record, or recorded otherwise, are not invented", () => {
    const w = made({ environment: { scheme: 1 } });
    for (const [i, event] of w.events.entries())
      if (event.type === "apply-started")
        w.events[i] = {
          ...event,
          code: { ...event.code, mock: { ...event.code["mock"]!, environment: { scheme: 7 } } },
        };
    expect(
      w
        .edited(table({ environment: { scheme: 2 } }))
        .plan()
        .details.get(0),
    ).toEqual([
      fact(
        "environment",
        expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        expect.stringMatching(/^[0-9a-f]{8}$/) as string,
      ),
      { type: "note", text: 'the earlier facts are not known; environment is now {"scheme":2}' },
    ]);
  });
});

describe("the Node of tasks", () => {
  it("declared later reruns nothing where it fits", () => {
    for (const node of ["20", "20.11", "20.11.1"]) expect(reasons(made().edited(table({ node })))).toEqual([]);
  });

  it("that does not fit reruns, and what is made of it", () => {
    for (const node of ["22", "20.1", "2", "20.11.10"]) {
      const w = made().edited(table({ node }));
      expect(reasons(w)).toEqual(["mock rerun env_changed 2", "sum rerun upstream_changed 1"]);
      expect(w.plan().details.get(0)).toEqual([fact("environment.node", '"20.11.1"', JSON.stringify(node))]);
    }
  });

  it("made again by one that fits is done; what was made before follows, also in a later plan", () => {
    const w = made()
      .edited(table({ node: "22" }))
      .run();
    w.node = "22.3.0";
    w.succeed(0).succeed(1);
    expect(reasons(w)).toEqual(["sum rerun upstream_changed 1"]);
    w.succeed(2);
    expect(reasons(w)).toEqual([]);
  });

  it("that does not fit can be accepted", () => {
    const w = made().edited(table({ node: "22" }));
    w.accept(waiversFor(w.table, w.plan(), w.state(), w.observations(), [0, 1, 2]));
    expect(reasons(w)).toEqual([]);
    expect(reasons(w.edited(table({ node: "24" })))[0]).toBe("mock rerun env_changed 2");
  });

  it("says nothing of commands", () => {
    const command = { argv: () => ["true"] };
    expect(reasons(made(command).edited(table({ ...command, node: "22" })))).toEqual([]);
  });
});
