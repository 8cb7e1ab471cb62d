// Which file is of which job: axis values read from paths of another layout.
import { describe, expect, it } from "vitest";
import { mappingsOf } from "../../../src/apply/adoption/mapping.ts";
import { match } from "../../../src/apply/adoption/match.ts";
import { keyOfRow } from "../../../src/expand/table.ts";
import { buildTable } from "../../helpers/table.ts";

const table = buildTable([
  {
    name: "mock",
    axes: { redshift: [0.5, 2], realization: [0, 1, 2], box: ["big", "007"] },
    outputs: { catalog: ({ redshift, realization, box }) => `new/${box}/${realization}-${redshift}.h5` },
  },
  { name: "sum", outputs: { table: () => "sum.json" } },
]);
const mappingOf = (from: string, output = "mock.catalog") => mappingsOf(table, "/data", [from], [output])[0]!;
const found = (from: string, paths: readonly string[], meant: (key: string) => boolean = () => true) => {
  const { files, strays, others } = match(mappingOf(from), paths, (row) => meant(keyOfRow(table, row)));
  return { files: [...files].map(([row, path]) => [keyOfRow(table, row), path]), strays, others };
};

describe("matching", () => {
  it("takes numbers as numbers and text as text, with or without a type in the pattern", () => {
    const paths = ["big/ph0001/mock_z0.500.h5", "007/ph2/mock_z2e0.h5", "7/ph2/mock_z2.h5", "big/ph3/mock_z2.h5", "big/notes.txt"]; // prettier-ignore
    const expected = {
      files: [
        ["mock[box=big,realization=1,redshift=0.5]", paths[0]],
        ['mock[box="007",realization=2,redshift=2]', paths[1]],
      ],
      strays: paths.slice(2),
      others: 0,
    };
    expect(found("old/{box}/ph{realization}/mock_z{redshift}.h5", paths)).toEqual(expected);
    expect(found("old/{box}/ph{realization:int}/mock_z{redshift:number}.h5", paths)).toEqual(expected);
  });

  it("needs no field for an axis that the selection fixes", () => {
    const one = (key: string) => key.includes("realization=1") && key.includes("box=big");
    expect(found("old/mock_z{redshift}.h5", ["mock_z0.5.h5", "mock_z2.0.h5"], one).files).toEqual([
      ["mock[box=big,realization=1,redshift=0.5]", "mock_z0.5.h5"],
      ["mock[box=big,realization=1,redshift=2]", "mock_z2.0.h5"],
    ]);
  });

  it("counts files of jobs that are not meant, and calls them no strays", () => {
    const none = found("old/{box}-{realization}-{redshift}.h5", ["big-1-0.5.h5"], () => false);
    expect(none).toEqual({ files: [], strays: [], others: 1 });
  });

  it("refuses a file of two jobs and two files of one job, naming both", () => {
    expect(() => found("old/{box}-z{redshift}.h5", ["big-z2.h5"])).toThrow(
      "adopt/ambiguous: --from old/{box}-z{redshift}.h5: big-z2.h5 would be the file of mock[box=big,realization=0,redshift=2] and of mock[box=big,realization=1,redshift=2]",
    );
    expect(() => found("{box}-{realization}-{redshift}", ["big-1-0.5", "big-1-0.50"])).toThrow(
      "adopt/ambiguous: --from {box}-{realization}-{redshift}: big-1-0.5 and big-1-0.50 would both be the file of mock[box=big,realization=1,redshift=0.5]",
    );
  });
});

describe("mappings", () => {
  it("begin at the folder above the first field; a stage without axes is one file", () => {
    expect(mappingOf("old/x/ph{realization}/{redshift}.h5")).toMatchObject({ base: "/data/old/x", depth: 2 });
    expect(mappingOf("/old/{redshift}.h5")).toMatchObject({ base: "/old", depth: 1 });
    expect(mappingOf("/{redshift}.h5")).toMatchObject({ base: "/", depth: 1 });
    const whole = mappingOf("old/sums.json", "sum.table");
    expect(whole).toMatchObject({ base: "/data/old", depth: 1 });
    expect([...match(whole, ["sums.json", "other.json"], () => true).files]).toEqual([[12, "sums.json"]]);
  });

  it.each([
    ["{seed}.h5", "mock.catalog", "adopt/bad-mapping: --from {seed}.h5: stage mock has no axis seed"],
    ["{redshift}-{redshift}.h5", "mock.catalog", "has the field redshift twice"],
    ["{redshift:float}.h5", "mock.catalog", "has a brace that is no field"],
    ["{redshift}.h5", "mock.table", "adopt/bad-mapping: --output mock.table: no stage has such an output"],
    ["{redshift}.h5", "mock", "adopt/bad-mapping: --output mock: no stage has such an output"],
  ])("%s as %s is refused", (from, output, message) => {
    expect(() => mappingOf(from, output)).toThrow(message);
  });

  it("go in pairs, and an output has one", () => {
    expect(() => mappingsOf(table, "/", ["{redshift}"], [])).toThrow("--from and --output go in pairs");
    expect(() => mappingsOf(table, "/", ["{redshift}", "{box}"], ["mock.catalog", "mock.catalog"])).toThrow("mock.catalog is given twice"); // prettier-ignore
  });
});
