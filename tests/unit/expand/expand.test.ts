// Expansion from declarations and functions of the point, without any compiler: coordinates, edges, recipes, and that no order counts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PointFunctions } from "../../../src/expand/expand.ts";
import { expand } from "../../../src/expand/expand.ts";
import { keyOf, pointOf, recipeOf, stageNamed, upstreamRows } from "../../../src/expand/table.ts";
import type { CampaignIR } from "../../../src/ir/campaign.ts";
import type { InputIR, StageIR } from "../../../src/ir/stage.ts";
import { canonicalJson } from "../../../src/ir/canonical.ts";
import type { Scalar } from "../../../src/ir/json.ts";

interface Sketch {
  readonly name: string;
  readonly axes: Readonly<Record<string, readonly Scalar[]>>;
  readonly inputs?: readonly InputIR[];
  readonly params?: (point: Record<string, Scalar>) => object;
  readonly path?: (point: Record<string, Scalar>) => string;
}

const edge = (port: string, stage: string, join: "each" | "all" | "quorum", ...over: string[]): InputIR => ({
  kind: "edge",
  port,
  from: { stage, output: "o" },
  join,
  over,
});

function stageIR({ name, axes, inputs = [] }: Sketch): StageIR {
  return {
    name, description: "", tags: [], axes: Object.entries(axes).map(([axis, values]) => ({ name: axis, values })), inputs,
    outputs: [{ kind: "json", name: "o" }], run: { kind: "task", entry: "x" }, code: { digest: "c", sources: [] }, environment: {}, resources: {},
    retry: { attempts: 1, backoff: { initial: 0, factor: 2, max: 1 }, escalate: {} }, missingInput: { policy: "element", by: [] }, gates: [], definedAt: { file: "", line: 1 },
  }; // prettier-ignore
}

function expanded(sketches: readonly Sketch[], roots = {}) {
  const ir: CampaignIR = {
    irVersion: 1,
    name: "t",
    version: "v1.0",
    description: "",
    tags: [],
    base: ".",
    variables: {},
    listings: [],
    stages: sketches.map(stageIR),
    execution: { batchSize: 1 },
  };
  const points = (sketch: Sketch) =>
    Object.entries(sketch.axes).reduce<Record<string, Scalar>[]>(
      (outer, [axis, values]) => outer.flatMap((point) => values.map((value) => ({ ...point, [axis]: value }))),
      [{}],
    );
  const find = (name: string) => sketches.find((sketch) => sketch.name === name)!;
  const functions: PointFunctions = {
    dimensions: (name) =>
      Object.values(find(name).axes).map((values) => ({ count: values.length, indexes: [values.map((_, i) => i)] })),
    columns: (name, from, to) => {
      const sketch = find(name);
      const some = points(sketch).slice(from, to);
      const join = (value: (point: Record<string, Scalar>) => string) => some.map(value).join("\n");
      const { params, path } = sketch;
      return {
        ...(params ? { params: join((point) => canonicalJson(params(point) as never)) } : { constantParams: "{}" }),
        outputs: [join((point) => `${name}/${canonicalJson(point)}`)],
        paths: (sketch.inputs ?? []).map((input) =>
          input.kind === "edge" ? "" : join((point) => path?.(point) ?? "p"),
        ),
        versions: [],
      };
    },
    resources: (_, text) => text,
  };
  return expand(ir, functions, roots);
}

const members = (sketches: readonly Sketch[], stage: string, index: number) => {
  const { table } = expanded(sketches);
  const found = stageNamed(table, stage)!;
  const upstream = (row: number) => table.stages.find((s) => row >= s.first && row < s.first + s.count)!;
  return [...upstreamRows(found.inputs[0]!, index)].map((row) => keyOf(upstream(row), row - upstream(row).first));
};

describe("expand", () => {
  it("gives the first axis the slowest", () => {
    const { table } = expanded([{ name: "s", axes: { a: [1, 2], b: ["x", "y", "z"] } }]);
    expect(Array.from({ length: 6 }, (_, i) => pointOf(table.stages[0]!, i))).toEqual([
      { a: 1, b: "x" },
      { a: 1, b: "y" },
      { a: 1, b: "z" },
      { a: 2, b: "x" },
      { a: 2, b: "y" },
      { a: 2, b: "z" },
    ]);
  });

  it("makes one job of a stage without axes, and none of an empty axis", () => {
    const { table } = expanded([
      { name: "one", axes: {} },
      { name: "none", axes: { a: [] } },
    ]);
    expect(table.stages.map((stage) => stage.count)).toEqual([1, 0]);
  });

  it("joins each by the values of the axes, not by position", () => {
    const sketches: Sketch[] = [
      { name: "up", axes: { a: [3, 1, 2] } },
      { name: "down", axes: { b: ["x"], a: [1, 2, 3] }, inputs: [edge("i", "up", "each")] },
    ];
    expect([0, 1, 2].map((i) => members(sketches, "down", i))).toEqual([["up[a=1]"], ["up[a=2]"], ["up[a=3]"]]);
  });

  it("gathers groups in key order: numbers by size", () => {
    const sketches: Sketch[] = [
      { name: "up", axes: { n: [10, 9, 100], a: ["q", "p"] } },
      { name: "down", axes: { a: ["p", "q"] }, inputs: [edge("i", "up", "all", "n")] },
    ];
    expect(members(sketches, "down", 0)).toEqual(["up[a=p,n=9]", "up[a=p,n=10]", "up[a=p,n=100]"]);
  });

  it('tells apart 1 and "1", and reports jobs without a partner', () => {
    const { faults } = expanded([
      { name: "up", axes: { a: [1, 2] } },
      { name: "down", axes: { a: [1, "1", 3] }, inputs: [edge("i", "up", "each")] },
    ]);
    expect(faults).toEqual([{ stage: "down", port: "i", index: 1, count: 2 }]);
  });

  it("moves exactly the recipes that an upstream job feeds", () => {
    const sketches = (seed: number): Sketch[] => [
      {
        name: "up",
        axes: { a: [1, 2], n: [1, 2] },
        params: (point) => ({ seed: point.a === 2 && point.n === 1 ? seed : 0 }),
      },
      { name: "down", axes: { a: [1, 2] }, inputs: [edge("i", "up", "all", "n")] },
      { name: "last", axes: {}, inputs: [edge("i", "down", "all", "a")] },
    ];
    const recipes = (seed: number) =>
      expanded(sketches(seed)).table.stages.flatMap((stage) =>
        Array.from({ length: stage.count }, (_, i) => [keyOf(stage, i), recipeOf(stage, i)] as const),
      );
    const [before, after] = [recipes(1), recipes(2)];
    const moved = before.flatMap(([key, recipe], i) => (recipe.digest === after[i]![1].digest ? [] : [key]));
    expect(moved).toEqual(["up[a=2,n=1]", "down[a=2]", "last"]);
    expect(before[5]![1].params).toBe(after[5]![1].params);
    expect(before[5]![1].upstream).not.toBe(after[5]![1].upstream);
  });

  it("notices an upstream job exchanged for a twin at another point", () => {
    const upstream = (values: number[]) =>
      recipeOf(
        stageNamed(
          expanded([
            { name: "up", axes: { a: values } },
            { name: "down", axes: {}, inputs: [edge("i", "up", "all", "a")] },
          ]).table,
          "down",
        )!,
        0,
      ).upstream;
    expect(upstream([1, 2])).not.toBe(upstream([1, 3]));
    expect(upstream([1, 2])).toBe(upstream([2, 1]));
  });

  it("leaves the place of input folders out", () => {
    const file: InputIR = { kind: "file", port: "f", compare: "stat", optional: false };
    const inputs = (folder: string, compare: "stat" | "content" = "stat") =>
      recipeOf(
        expanded(
          [
            {
              name: "s",
              axes: {},
              inputs: [{ ...file, compare }],
              path: () => `${folder}/x.h5`,
              params: () => ({ where: folder, file: `${folder}/y`, other: "/in/z" }),
            },
          ],
          { "{input}": folder },
        ).table.stages[0]!,
        0,
      );
    expect(inputs("/data/in")).toEqual(inputs("/mnt/elsewhere"));
    expect(inputs("/data/in")).toEqual(inputs("/data/in", "content"));
  });

  it("gives every job the same key and recipe, however axes, values, ports and stages are ordered", () => {
    const values = { a: [1, 2, 3], b: ["x", "y"], n: [1, 10, 9] };
    const permuted = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });
    const axes = (...names: (keyof typeof values)[]) =>
      fc
        .tuple(permuted(names), ...names.map((name) => permuted<Scalar>(values[name])))
        .map(
          ([order, ...shuffled]) =>
            Object.fromEntries(order.map((name) => [name, shuffled[names.indexOf(name)]!])) as Record<string, Scalar[]>,
        );
    const recipes = (sketches: readonly Sketch[]) =>
      Object.fromEntries(
        expanded(sketches).table.stages.flatMap((stage) =>
          Array.from({ length: stage.count }, (_, i) => [keyOf(stage, i), recipeOf(stage, i).digest]),
        ),
      );
    const sketch = (
      up: Record<string, readonly Scalar[]>,
      other: Record<string, readonly Scalar[]>,
      down: Record<string, readonly Scalar[]>,
      ports: InputIR[],
      swap: boolean,
    ): Sketch[] => {
      const first = [
        { name: "up", axes: up, params: (point: Record<string, Scalar>) => ({ p: `${point.a}${point.n}` }) },
        { name: "other", axes: other },
      ];
      return [...(swap ? first.reverse() : first), { name: "down", axes: down, inputs: ports }];
    };
    const ports = [edge("g", "up", "all", "n", "b"), edge("e", "other", "each"), edge("q", "up", "quorum", "n")];
    const expected = recipes(
      sketch({ a: values.a, b: values.b, n: values.n }, { a: values.a }, { a: values.a, b: values.b }, ports, false),
    );
    fc.assert(
      fc.property(
        axes("a", "b", "n"),
        axes("a"),
        axes("a", "b"),
        permuted(ports),
        fc.boolean(),
        (up, other, down, order, swap) => {
          expect(recipes(sketch(up, other, down, order, swap))).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });
});
