// Pass 10, over the whole table: the open step of the campaign's ramp, then what the options leave of it, in this order. What is left out waits;
// it is not called unchanged. A partial plan forgets nothing.
import type { Draft } from "../draft.ts";
import type { Detail, NarrowingOption } from "../types.ts";
import { leaveAllButAdoptions } from "./adoptions.ts";
import { canary } from "./canary.ts";
import { exclude } from "./exclude.ts";
import { limit } from "./limit.ts";
import { leaveOut, NEEDS } from "./narrowing.ts";
import { ramp } from "./ramp.ts";
import { target } from "./target.ts";

const NARROWINGS = [target, exclude, canary, limit] as const;

export function narrow(draft: Draft): void {
  // Nothing is run: no step of a ramp is in the way.
  if (draft.policy.adoptOnly) return leaveAllButAdoptions(draft);
  ramp(draft);
  for (const { option, given, leaves } of NARROWINGS) {
    const asGiven = given(draft.policy);
    if (asGiven === undefined) continue;
    const { marks, note } = leaves(draft);
    const leftOut = leaveOut(draft, marks, "excluded", (mark) => cause(option, mark === NEEDS));
    draft.narrowing.push({ option, given: asGiven, leftOut, ...(note === undefined ? {} : { note }) });
  }
}

function cause(by: NarrowingOption, needs: boolean): Detail {
  const text = needs ? `it needs jobs that --${by} leaves out` : `left out by --${by}`;
  return { type: "narrowed", by, text };
}
