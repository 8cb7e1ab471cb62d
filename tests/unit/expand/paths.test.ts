// Output paths: what is refused, and which clashes are found.
import { describe, expect, it } from "vitest";
import { TextColumn } from "../../../src/expand/column.ts";
import { badPaths, sharedPath } from "../../../src/expand/paths.ts";
import type { StageTable } from "../../../src/expand/table.ts";

function stage(name: string, ...outputs: string[][]): StageTable {
  const columns = outputs.map((paths) => {
    const column = TextColumn.create(paths.length);
    paths.forEach((path) => column.push(path));
    return column;
  });
  return { stage: { name }, count: outputs[0]!.length, outputs: columns } as unknown as StageTable;
}
const clash = (...stages: StageTable[]) => {
  const found = sharedPath(stages);
  return (
    found &&
    [found.first, found.second]
      .map(({ stage: { stage: ir }, output, index }) => `${ir.name}.${output}.${index}`)
      .concat(found.inside ? ["inside"] : [])
  );
};

describe("output paths", () => {
  it.each([
    "",
    "/a",
    "a/",
    "a//b",
    "./a",
    "a/./b",
    "../a",
    "a/..",
    "a\\b",
    "a\tb",
    "metadata",
    "journal/x",
    "claims/x",
    "staging/x",
    "logs/x",
    "x".repeat(201),
    "a\uE0C1b",
  ])("%j is refused", (path) => {
    expect(badPaths([stage("s", [path])])).toHaveLength(1);
  });

  it.each(["a", "a/b.c", "a b/ü", ".hidden/x", "a..b", "metadata2/x", "x/metadata", "…"])("%j is good", (path) => {
    expect(badPaths([stage("s", [path])])).toEqual([]);
  });

  it("are counted once an output", () => {
    expect(badPaths([stage("s", ["ok", "/a", "/b"])])).toMatchObject([
      { path: "/a", why: "is absolute", count: 2, at: { index: 1 } },
    ]);
  });

  it("clash within a stage, between outputs, and between stages", () => {
    expect(clash(stage("s", ["a", "b", "a"]))).toEqual(["s.0.0", "s.0.2"]);
    expect(clash(stage("s", ["a"], ["a"]))).toEqual(["s.0.0", "s.1.0"]);
    expect(clash(stage("s", ["a"]), stage("t", ["b", "a"]))).toEqual(["s.0.0", "t.0.1"]);
  });

  it("clash when one is the other's folder, in either order", () => {
    expect(clash(stage("s", ["a/b/c", "a/b"]))).toEqual(["s.0.1", "s.0.0", "inside"]);
    expect(clash(stage("s", ["ab", "a/b", "a.b"]))).toBeUndefined();
  });

  it("of many jobs clash exactly when they are equal", () => {
    const paths = Array.from({ length: 50_000 }, (_, i) => `r${String(i).padStart(5, "0")}/z${(i % 20) / 10}.h5`);
    expect(clash(stage("s", paths))).toBeUndefined();
    expect(clash(stage("s", [...paths, paths[31_234]!]))).toEqual(["s.0.31234", "s.0.50000"]);
  });
});
