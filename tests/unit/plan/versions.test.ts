// Inputs compared by a declared version: what a change of the version, of the files and of the way of comparing makes of finished jobs.
import { describe, expect, it } from "vitest";
import { waiversFor } from "../../../src/plan/waive.ts";
import { buildTable, type InputSpec, type StageSpec } from "../../helpers/table.ts";
import { fact, World } from "../../helpers/world.ts";

const halos = (more: Partial<InputSpec & { version: string }> = {}): StageSpec["inputs"] => ({
  halos: { file: ({ n }) => `halos/${n}.h5`, ...more } as InputSpec,
});
const table = (inputs: StageSpec["inputs"]) =>
  buildTable([
    { name: "mock", axes: { n: [0, 1, 2] }, ...(inputs ? { inputs } : {}) },
    { name: "sum", inputs: { mocks: { all: "mock.out", over: ["n"] } } },
  ]);
const DR1 = table(halos({ compare: "version", version: "DR1" }));
const DR2 = table(halos({ compare: "version", version: "DR2" }));
const STAT = table(halos());

const made = (of = DR1) => new World(of).provide().run().succeedAll();
const reasons = (w: World) =>
  w
    .plan()
    .summary.groups.filter(({ action }) => action !== "keep")
    .map(({ stage, action, reason, count }) => `${stage} ${action} ${reason} ${count}`);

describe("a declared version", () => {
  it("other sizes and times are no change", () => {
    const w = made();
    w.inputs.set("halos/1.h5", fact("halos/1.h5", 7, "1800000000.000000000"));
    expect(reasons(w)).toEqual([]);
    expect(w.plan().summary.notices).toEqual([]);
  });

  it("another version is, with both in the detail, and what is made of the jobs follows", () => {
    const w = made().edited(DR2);
    expect(reasons(w)).toEqual(["mock rerun input_changed 3", "sum rerun upstream_changed 1"]);
    expect(w.plan().details.get(1)).toEqual([
      { type: "input", port: "halos", path: "halos/1.h5", what: "version", old: "DR1", new: "DR2" },
    ]);
  });

  it("what was made again under another version renews what is made of it, also when an apply ended in between", () => {
    const w = made().edited(DR2).run().succeed(0).succeed(1).succeed(2);
    expect(reasons(w)).toEqual(["sum rerun upstream_changed 1"]);
  });

  it("another way of comparing reruns nothing: what the receipt has is used", () => {
    expect(reasons(made(DR1).edited(STAT))).toEqual([]);
    const w = made(STAT).edited(DR2);
    expect(reasons(w)).toEqual([]);
    expect(w.plan().summary.notices).toEqual([
      "mock: no version of its inputs was recorded for 3 jobs; they are kept.",
    ]);
  });

  it("files that are not those the receipt saw are mentioned where it has no version", () => {
    const w = made(STAT).edited(DR2);
    w.inputs.set("halos/1.h5", fact("halos/1.h5", 7));
    expect(reasons(w)).toEqual([]);
    expect(w.plan().summary.notices).toEqual([
      "mock: no version of its inputs was recorded for 3 jobs; they are kept. The files of 1 of them have another size or time than then: " +
        "if the data are others, `cmc apply --replace mock` makes them again.",
    ]);
  });

  it("one detail stands for all files of a port", () => {
    const of = (version: string) =>
      buildTable([{ name: "s", inputs: { all: { files: () => ["a", "b", "c"], compare: "version", version } } }]);
    const w = new World(of("v1")).provide().run().succeedAll().edited(of("v2"));
    expect(w.plan().details.get(0)).toEqual([
      { type: "input", port: "all", path: "a", what: "version", old: "v1", new: "v2" },
    ]);
  });

  it("that was accepted is none; the next one is", () => {
    const w = made().edited(DR2);
    const rows = [0, 1, 2, 3];
    w.accept(waiversFor(w.table, w.plan(), w.state(), w.observations(), rows));
    expect(reasons(w)).toEqual([]);
    expect(reasons(w.edited(table(halos({ compare: "version", version: "DR3" }))))).toEqual([
      "mock rerun input_changed 3",
      "sum rerun upstream_changed 1",
    ]);
  });
});
