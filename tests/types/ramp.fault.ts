// Ramps that mean nothing.
import { defineCampaign, defineStage, json, task } from "cmc";

async function nothing() {}
export const s = defineStage({ name: "s" }, { outputs: { o: json(() => "o") } }, { run: task(nothing) });

export const endless = defineCampaign({
  name: "endless",
  version: "v1.0",
  stages: [s],
  outputs: { base: "runs" },
  // @fault compile/type: ramp: Type '[number, number]' is not assignable to type 'RampSteps | Ramp | undefined': Type 'number' is not assignable to type '"all"'
  ramp: [1, 100],
});

export const late = defineCampaign({
  name: "late",
  version: "v1.0",
  stages: [s],
  outputs: { base: "runs" },
  // @fault compile/unknown-option: ramp has no option failRate
  ramp: { steps: [1, "all"], failRate: 0.1 },
});

export default defineCampaign({
  name: "faults",
  version: "v1.0",
  stages: [s],
  outputs: { base: "runs" },
  // @fault compile/type: ramp: Type '{ steps: [number, "all"]; gates: string; }' is not assignable to type 'RampSteps | Ramp | undefined': Type 'string' is not assignable to type 'readonly string[]'
  ramp: { steps: [1, "all"], gates: "chi2" },
});
