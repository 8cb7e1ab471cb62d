// The ramp of a campaign -> IR: a list of steps, or an object with one.
import type { RampIR } from "../../ir/campaign.ts";
import { type Reader, inside, number, onlyKnown, shown, texts } from "./reader.ts";
import { didYouMean } from "./suggest.ts";

/** @param gates names of all gates of the campaign's stages */
export function rampIR(campaign: Reader, gates: readonly string[]): RampIR | undefined {
  const value = campaign.fields["ramp"];
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return { steps: stepsIR(campaign, "ramp"), failureRate: FAILURE_RATE, gates: [] };
  const from = inside(campaign, "ramp");
  onlyKnown(from, ["steps", "failureRate", "gates"], "ramp");
  const named = texts(from, "gates") ?? [];
  for (const name of named)
    if (!gates.includes(name))
      from.report(
        "compile/gate-metric",
        `ramp.gates names ${shown(name)}, which is no gate of any stage`,
        [...from.at, "gates"],
        didYouMean(name, gates, "gates"),
      );
  return {
    steps: stepsIR(from, "steps"),
    failureRate: number(from, "failureRate", { min: 0, max: 1 }) ?? FAILURE_RATE,
    gates: [...new Set(named)],
  };
}

const FAILURE_RATE = 0.1;
/** A plan counts steps in a byte. */
const MOST_STEPS = 100;

function stepsIR(from: Reader, name: string): RampIR["steps"] {
  const steps = from.fields[name];
  const report = (what: string) =>
    from.report("compile/bad-definition", `ramp: ${what}`, [...from.at, name], 'Write ramp: [1, 100, "all"].');
  if (!Array.isArray(steps) || steps.length < 2 || steps.length > MOST_STEPS) {
    report(`${shown(steps)} is no list of 2 to ${MOST_STEPS} steps`);
    return ["all"];
  }
  if (steps.at(-1) !== "all") report(`the last step is ${shown(steps.at(-1))}, not "all"`);
  steps.slice(0, -1).forEach((step: unknown, i) => {
    if (typeof step !== "number" || !Number.isSafeInteger(step) || step < 1)
      report(`step ${i + 1} is ${shown(step)}, not a whole number above 0`);
    else if (i > 0 && step <= Number(steps[i - 1]))
      report(`step ${i + 1} (${step}) is not above step ${i} (${shown(steps[i - 1])})`);
  });
  return steps as (number | "all")[];
}
