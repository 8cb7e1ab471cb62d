// The authoring API's own arithmetic: axes, matrices, patterns, units, seeds. What the compiler makes of it is tested in compile/.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axis, pad, product, seedFrom, zip } from "../../../src/index.ts";
import { matchPattern, parsePattern } from "../../../src/author/pattern.ts";
import { parseDuration, parseSize } from "../../../src/author/units.ts";

describe("axes", () => {
  it("range, list, include, exclude", () => {
    expect(axis.range("a", { start: 3, count: 4, step: 2, exclude: [5], include: [100, 3] }).values).toEqual([
      3, 7, 9, 100,
    ]);
    expect(axis.list("z", [1.4, 2, 0.5]).values).toEqual([1.4, 2, 0.5]);
    expect(() => axis.list("z", [1, 1])).toThrow("twice");
    expect(() => axis.list("z", [0, -0])).toThrow("twice");
    expect(() => axis.range("a b", { count: 1 })).toThrow("identifier");
    expect(() => axis.range("a", { count: -1 })).toThrow("count is -1");
    expect(() => axis.list("z", [NaN])).toThrow("NaN");
  });

  it("steps without noise", () => {
    expect(axis.range("z", { start: 0, count: 4, step: 0.1 }).values).toEqual([0, 0.1, 0.2, 0.3]);
    expect(axis.linspace("z", { from: 0, to: 0.3, count: 4 }).values).toEqual([0, 0.1, 0.2, 0.3]);
  });

  it("logarithmic values do not depend on the Node version: 15 digits of exp and log, ends exact", () => {
    const { values } = axis.logspace("m", { from: 1e-3, to: 1e3, count: 7 });
    expect(values).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
    // ** differs in the last bit between Node 20 and 24 for 112 of 1001 such points.
    for (const value of axis.logspace("m", { from: 1, to: 1e10, count: 1001 }).values)
      expect(value).toBe(Number(value.toPrecision(15)));
    expect(() => axis.logspace("m", { from: 0, to: 1, count: 2 })).toThrow("logspace from 0 to 1");
  });

  it("product, zip and filter", () => {
    const [a, b] = [axis.list("a", [1, 2]), axis.list("b", ["x", "y"])];
    expect(product(a, b).where(({ a, b }) => a === 1 || b === "y").points).toEqual([
      { a: 1, b: "x" },
      { a: 1, b: "y" },
      { a: 2, b: "y" },
    ]);
    expect(zip(a, b).points).toEqual([
      { a: 1, b: "x" },
      { a: 2, b: "y" },
    ]);
    expect(() => zip(a, axis.list("c", [1]))).toThrow("zip of 2 and 1");
    expect(() => product(a, a)).toThrow("stands twice");
  });
});

describe("patterns", () => {
  const pattern = parsePattern("{box}/stats_zs{zs:number}_s{seed:int}.h5");
  it("read fields", () => {
    expect(matchPattern(pattern, "big/stats_zs1.0_s100.h5")).toEqual({ box: "big", zs: 1, seed: 100 });
    expect(matchPattern(pattern, "big/x/stats_zs1.0_s100.h5")).toBeUndefined();
    expect(matchPattern(pattern, "big/stats_zs1.0_s1x.h5")).toBeUndefined();
  });
  it("refuse what they cannot read", () => {
    expect(() => parsePattern("{a}{a}")).toThrow("twice");
    expect(() => parsePattern("{a:float}")).toThrow("no field");
  });
});

describe("units", () => {
  it.each([
    ["90s", 90],
    ["10m", 600],
    ["1.5 h", 5400],
    ["2d", 172800],
    ["10 minuts", undefined],
    ["-1s", undefined],
    ["s", undefined],
    ["1e3s", undefined],
  ] as const)("duration %s", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });
  it.each([
    ["10 kB", 10_000],
    ["1GiB", 2 ** 30],
    ["0.5 TB", 5e11],
    ["1 KB", undefined],
  ] as const)("size %s", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });
});

describe("seeds", () => {
  it("are the same everywhere", () => {
    expect(seedFrom("roman-grs", 17)).toBe(seedFrom("roman-grs", 17));
    expect(seedFrom("a")).toBe(246_790_358);
    fc.assert(fc.property(fc.string(), fc.integer(), (text, n) => { const seed = seedFrom(text, n); return Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32; })); // prettier-ignore
  });
  it("pad", () => expect([pad(7, 4), pad("x", 1)]).toEqual(["0007", "x"]));
});
