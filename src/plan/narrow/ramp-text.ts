// The ramp in words, the same in notices, explanations, status and after an apply.
import { grouped } from "../grouped.ts";
import type { RampStanding } from "../types.ts";

/** `100 jobs`, `all`. */
export function sizeText(size: number | "all"): string {
  return size === "all" ? "all" : size === 1 ? "1 job" : `${grouped(size)} jobs`;
}

/** `1 of 1 finished, gate chi2 failed (...)`. */
export function closedText({ finished, jobs, closed }: RampStanding): string {
  const faults = closed.filter(({ why }) => why !== "unfinished").map(({ text }) => text);
  return [`${grouped(finished)} of ${grouped(jobs)} finished`, ...faults].join(", ");
}

/** Undefined: nothing waits for the ramp. */
export function rampNotice(standing: RampStanding): string | undefined {
  const { step, steps, size, next, waiting, finished, jobs, released } = standing;
  if (next === undefined || waiting === 0) return undefined;
  const who = waiting === 1 ? "1 job waits" : `${grouped(waiting)} jobs wait`;
  const opened = released ? `, opened by ${released.user}: "${released.reason}"` : "";
  const release = finished === jobs ? '; `cmc release --ramp --because "..."` opens it' : "";
  return `Ramp: step ${step} of ${steps} (${sizeText(size)}${opened}). ${who} for step ${step + 1} of the ramp (${sizeText(next)}): ${closedText(standing)}${release}.`;
}

/** After an apply and in a status: what the ramp waits for, or what the next apply opens. Commands as they are to be typed, in back quotes. */
export function rampNext(standing: RampStanding, apply: string, release: string): string[] {
  const { step, steps, size, next, finished, jobs, begun, waiting } = standing;
  if (jobs === 0) return [];
  if (finished + begun === 0 && step > 1)
    return [`Step ${step - 1} of ${steps} of the ramp is done; ${apply} opens the next (${sizeText(size)}).`];
  if (next === undefined || waiting === 0) return [];
  const stands = `Step ${step} of ${steps} of the ramp (${sizeText(size)}): ${closedText(standing)}.`;
  return [finished < jobs ? stands : `${stands} Step ${step + 1} stays closed; ${release} opens it.`];
}
