// Gates judge metrics: bounds are inclusive, the last value counts, and what is absent or not finite never passes.
import { expect, it } from "vitest";
import type { GateIR } from "../../../src/ir/stage.ts";
import { evaluateGates } from "../../../src/worker/gates.ts";

const gate = (bounds: Partial<GateIR>): GateIR => ({ name: "g", metric: "m", level: "fail", ...bounds });

it.each([
  ["within bounds", { min: 1, max: 2 }, [{ name: "m", value: 2, unit: "Mpc" }], true, "m = 2 Mpc within [1, 2]"],
  ["a unit of 1 is no unit", { max: 2 }, [{ name: "m", value: 3, unit: "1" }], false, "m = 3 is greater than 2"],
  ["below", { min: 1 }, [{ name: "m", value: 0.5 }], false, "m = 0.5 is less than 1"],
  ["not equal", { equals: 0 }, [{ name: "m", value: 1 }], false, "m = 1, must equal 0"],
  ["the last value", { max: 2 }, [{ name: "m", value: 9 }, { name: "m", value: 1 }], true, "m = 1 within [-inf, 2]"],
  ["not finite", { max: 2 }, [{ name: "m", value: "NaN" }], false, "m = NaN is not finite"],
  ["absent", { max: 2 }, [], false, "m was not emitted"],
] as const)("%s", (_, bounds, metrics, passed, message) => {
  expect(evaluateGates([gate(bounds)], metrics)).toEqual([{ name: "g", metric: "m", level: "fail", passed, message }]);
}); // prettier-ignore
