// Two versions of a campaign compared: what was added, removed, changed, and in which field. Built from short descriptions of tables.
import { describe, expect, it } from "vitest";
import { compare, type Comparison } from "../../../src/plan/compare.ts";
import { type StageVersion, type Version, versionOf } from "../../../src/plan/version.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";

const MOCK: StageSpec = {
  name: "mock",
  axes: { redshift: [0.5, 1.4], seed: [0, 1, 2] },
  params: ({ seed }) => ({ amplitude: 2, seed: Number(seed) + 10 }),
  inputs: { halos: { file: ({ seed }) => `halos/${seed}.h5` } },
  outputs: { catalog: ({ redshift, seed }) => `mocks/z${redshift}/s${seed}.txt` },
  sources: { "tasks/mock.ts": "aaaa", "physics.ts": "bbbb" },
  environment: { container: "sha256:1" },
};
const MEASURE: StageSpec = {
  name: "measure",
  axes: { redshift: [0.5, 1.4], seed: [0, 1, 2] },
  inputs: { catalog: { each: "mock.catalog" } },
  argv: ({ redshift }) => ["measure", "--z", String(redshift)],
};
const SUMMARY: StageSpec = {
  name: "summary",
  axes: { redshift: [0.5, 1.4] },
  inputs: { spectra: { all: "measure.out", over: ["seed"] } },
};

const version = (...stages: readonly StageSpec[]) => versionOf(buildTable(stages));
const BEFORE = version(MOCK, MEASURE, SUMMARY);
const against = (mock: Partial<StageSpec>, ...others: readonly StageSpec[]) =>
  compare(BEFORE, version({ ...MOCK, ...mock }, ...(others.length > 0 ? others : [MEASURE, SUMMARY])));

/** `mock changed params 2`, `mock added 3` */
const lines = ({ groups }: Comparison) =>
  groups.map(({ stage, what, field, count }) => [stage, what, ...(field ? [field] : []), count].join(" "));

const DOWNSTREAM = ["measure changed upstream 6", "summary changed upstream 2"];

describe("compare", () => {
  it("finds nothing between a version and itself, in whatever order its axes stand", () => {
    const again = version({ ...MOCK, axes: { seed: [2, 0, 1], redshift: [1.4, 0.5] } }, MEASURE, SUMMARY);
    expect(compare(BEFORE, again)).toEqual({ groups: [], changes: [], counts: { added: 0, removed: 0, changed: 0, same: 14 } }); // prettier-ignore
  });

  it("names exactly the jobs of one seed with both values, and what depends on them by its upstream job", () => {
    const seeds: StageSpec["params"] = ({ seed }) => ({ amplitude: 2, seed: seed === 1 ? 99 : Number(seed) + 10 });
    const { groups, changes, counts } = against({ params: seeds });
    expect(counts).toEqual({ added: 0, removed: 0, changed: 6, same: 8 });
    const byField = (field: string) => changes.filter(({ fields }) => fields[0]?.field === field).map(({ key }) => key);
    expect(byField("params")).toEqual(["mock[redshift=0.5,seed=1]", "mock[redshift=1.4,seed=1]"]);
    expect(byField("upstream")).toEqual([
      "measure[redshift=0.5,seed=1]",
      "measure[redshift=1.4,seed=1]",
      "summary[redshift=0.5]",
      "summary[redshift=1.4]",
    ]);
    expect(groups[0]).toEqual({
      stage: "mock",
      what: "changed",
      field: "params",
      count: 2,
      range: "redshift {0.5, 1.4} x seed 1",
      example: "mock[redshift=0.5,seed=1]",
      detail: { type: "field", field: "params", path: "params.seed", old: "11", new: "99" },
      sharing: 2,
    });
    expect(changes.find(({ key }) => key === "measure[redshift=1.4,seed=1]")!.fields).toEqual([
      { field: "upstream", details: [{ type: "upstream", key: "mock[redshift=1.4,seed=1]", why: "params" }] },
    ]);
  });

  it("names the files behind a change of code", () => {
    const changed = against({ code: "other", sources: { "tasks/mock.ts": "aaaa", "physics.ts": "cccc", "new.ts": "d" } }); // prettier-ignore
    expect(lines(changed)).toEqual(["mock changed code 6", ...DOWNSTREAM]);
    expect(changed.groups[0]).toMatchObject({ files: ["new.ts", "physics.ts"], sharing: 6 });
  });

  it("tells inputs, environment and arguments apart, with both sides", () => {
    const inputs = against({ inputs: { halos: { file: ({ seed }) => `halos/v2/${seed}.h5` } } });
    expect(lines(inputs)).toEqual(["mock changed inputs 6", ...DOWNSTREAM]);
    expect(inputs.groups[0]).toMatchObject({ detail: { path: "inputs.halos", old: '"halos/0.h5"', new: '"halos/v2/0.h5"' }, sharing: 2 }); // prettier-ignore
    const environment = against({ environment: { container: "sha256:2" } });
    expect(environment.groups[0]).toMatchObject({ field: "environment", detail: { path: "environment.container", old: '"sha256:1"', new: '"sha256:2"' } }); // prettier-ignore
    const bins: StageSpec = { ...MEASURE, argv: ({ redshift }) => ["measure", "--z", String(redshift), "--bins", "8"] };
    const argv = against({}, bins, SUMMARY);
    expect(lines(argv)).toEqual(["measure changed params 6", "summary changed upstream 2"]);
    expect(argv.groups[0]).toMatchObject({ detail: { path: "params.argv[3]", new: '"--bins"' } });
  });

  it("counts a job in the group of every field that changed, and once in the sum", () => {
    const both = against({ code: "other", params: () => ({ amplitude: 3, seed: 1 }) });
    expect(lines(both)).toEqual(["mock changed params 6", "mock changed code 6", ...DOWNSTREAM]);
    expect(both.counts).toEqual({ added: 0, removed: 0, changed: 14, same: 0 });
  });

  it("an output path that moved is a change of the job, and of nothing that reads it", () => {
    const moved = against({ outputs: { catalog: ({ redshift, seed }) => `catalogs/z${redshift}/s${seed}.txt` } });
    expect(lines(moved)).toEqual(["mock changed outputs 6"]);
    expect(moved.groups[0]!.detail).toEqual({ type: "field", field: "outputs", path: "outputs.catalog", old: '"mocks/z0.5/s0.txt"', new: '"catalogs/z0.5/s0.txt"' }); // prettier-ignore
  });

  it("an axis that grew adds, one that shrank removes, and a fan-in says which jobs it gained and lost", () => {
    const axes = { redshift: [0.5, 1.4], seed: [1, 2, 3] };
    const { changes, groups, counts } = against({ axes }, { ...MEASURE, axes }, SUMMARY);
    expect(lines({ changes, groups, counts })).toEqual([
      "mock added 2", "mock removed 2", "measure added 2", "measure removed 2", "summary changed upstream 2",
    ]); // prettier-ignore
    expect(groups.find(({ what }) => what === "removed")).toMatchObject({ range: "redshift {0.5, 1.4} x seed 0" });
    expect(changes.find(({ key }) => key === "summary[redshift=0.5]")!.fields[0]!.details).toEqual([
      { type: "upstream", key: "measure[redshift=0.5,seed=3]", why: "added" },
      { type: "upstream", key: "measure[redshift=0.5,seed=0]", why: "removed" },
    ]);
  });

  it("names three upstream jobs and counts the rest", () => {
    const many = { redshift: [0.5, 1.4], seed: Array.from({ length: 9 }, (_, i) => i) };
    const big = (stage: StageSpec) => ({ ...stage, ...(stage.axes!["seed"] ? { axes: many } : {}) });
    const [mock, measure] = [big(MOCK), big(MEASURE)];
    const { changes } = compare(version(mock, measure, SUMMARY), version({ ...mock, code: "other" }, measure, SUMMARY));
    expect(changes.find(({ key }) => key === "summary[redshift=1.4]")!.fields[0]!.details.at(-1)).toEqual({ type: "note", text: "and 6 more upstream jobs" }); // prettier-ignore
  });

  it("stages come and go as a whole", () => {
    expect(lines(compare(BEFORE, version(MOCK)))).toEqual(["measure removed 6", "summary removed 2"]);
    expect(lines(compare(version(MOCK), BEFORE))).toEqual(["measure added 6", "summary added 2"]);
  });

  it("says when a side did not record what changed, and does not guess", () => {
    const blind = (of: Version, params = true): Version => ({
      stages: of.stages.map((stage): StageVersion => ({
        ...stage,
        fields: () => ({}),
        argv: () => undefined,
        external: () => undefined,
        outputs: () => undefined,
        upstream: () => undefined,
        group: () => undefined,
        ...(params ? {} : { params: () => ({}) }),
      })),
    });
    const inputs = version({ ...MOCK, inputs: { halos: { file: () => "halos/other.h5" } } }, MEASURE, SUMMARY);
    expect(lines(compare(blind(BEFORE), inputs))).toEqual([
      "mock changed unrecorded 6", "measure changed unrecorded 6", "summary changed unrecorded 2",
    ]); // prettier-ignore
    const seed = version({ ...MOCK, params: () => ({ amplitude: 2, seed: 7 }) }, MEASURE, SUMMARY);
    expect(compare(blind(BEFORE), seed).groups[0]).toMatchObject({ field: "params", detail: { path: "params.seed", new: "7" } }); // prettier-ignore
  });
});
