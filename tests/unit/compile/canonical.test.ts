// The realm writes canonical JSON exactly as ir/canonical.ts does; recipes depend on it.
import fc from "fast-check";
import { expect, it } from "vitest";
import { canonical } from "../../../src/compile/realm/canonical.ts";
import { canonicalJson } from "../../../src/ir/canonical.ts";
import type { Json } from "../../../src/ir/json.ts";

it("agrees with the one of ir/", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(canonical(value, "x", [])).toBe(canonicalJson(value as Json));
    }),
  );
  for (const value of [-0, 1e21, 5e-324, 0.1 + 0.2, "\u2028\ud800é"])
    expect(canonical(value, "x", [])).toBe(canonicalJson(value));
});

it("names the place of what is no JSON", () => {
  expect(() => canonical({ a: [1, { b: undefined }] }, "params", [])).toThrow(
    "params.a[1].b is undefined, which is not plain JSON",
  );
  expect(() => canonical([1, , 2], "params", [])).toThrow(); // eslint-disable-line no-sparse-arrays
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(() => canonical(circle, "params", [])).toThrow("a circle?");
  expect(canonical(2, "params", [])).toBe("2");
});
