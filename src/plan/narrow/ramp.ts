// The campaign's ramp: a plan goes no further than the open step. A policy of the campaign, never a reason to rerun, and no partial plan.
import type { RampIR } from "../../ir/campaign.ts";
import type { Draft } from "../draft.ts";
import type { Detail, RampStanding } from "../types.ts";
import { changes, edgesOf, leaveOut } from "./narrowing.ts";
import { closedBecause, type Release, releaseOf, tallySteps } from "./ramp-standing.ts";
import { rampSteps } from "./ramp-steps.ts";
import { closedText, sizeText } from "./ramp-text.ts";

export function ramp(draft: Draft): void {
  const { ramp: declared } = draft.table.campaign;
  if (!declared) return;
  const of = rampSteps(draft, declared);
  const standing = standingOf(draft, declared, of);
  const details = new Map<number, Detail>();
  const marks = new Uint8Array(of.length);
  // A row's step is its mark: its cause names it.
  for (let row = 0; row < of.length; row++) if (of[row]! > standing.step && changes(draft, row)) marks[row] = of[row]!;
  const detailOf = (step: number): Detail => {
    let detail = details.get(step);
    if (!detail) {
      const text = `waits for step ${step} of the ramp (${sizeText(declared.steps[step - 1]!)})`;
      details.set(
        step,
        (detail = {
          type: "narrowed",
          by: "ramp",
          text: `${text}; step ${standing.step} is open: ${closedText(standing)}`,
        }),
      );
    }
    return detail;
  };
  draft.ramp = { ...standing, waiting: leaveOut(draft, marks, "ramp", detailOf) };
}

/** Steps are passed one after the other; the last one is never passed. */
function standingOf(draft: Draft, declared: RampIR, of: Uint8Array): RampStanding {
  const { steps } = declared;
  const tallies = tallySteps(draft, declared, of);
  const sources = draft.table.stages.filter((stage) => edgesOf(stage).length === 0);
  let released: Release | undefined;
  let step = 1;
  for (; step < steps.length; step++) {
    const passed = closedBecause(draft, declared, tallies[step - 1]!).length === 0;
    const word = passed ? undefined : releaseOf(draft, steps[step - 1] as number, sources);
    if (!passed && !word) break;
    released = word;
  }
  const { jobs, finished, failed, begun } = tallies[step - 1]!;
  const next = steps[step];
  return {
    step, steps: steps.length, size: steps[step - 1]!, jobs, finished, failed, begun, waiting: 0,
    ...(next === undefined ? {} : { next }),
    closed: next === undefined ? [] : closedBecause(draft, declared, tallies[step - 1]!),
    ...(released ? { released: { at: released.at, user: released.user, reason: released.reason } } : {}),
  }; // prettier-ignore
}
