// What a plan says of its narrowing: that it is partial, by which options, how much of it they leave out; and at which step the ramp is.
import type { Draft } from "../draft.ts";
import { grouped } from "../grouped.ts";
import type { NarrowingUse } from "../types.ts";
import { rampNotice } from "./ramp-text.ts";

/** Longest option shown: a thousand keys are not read in a plan. */
const LONG = 80;

export function narrowingNotices({ narrowing, ramp }: Draft): string[] {
  const notice = ramp && rampNotice(ramp);
  return [
    ...(narrowing.length > 0 ? [partialNotice(narrowing)] : []),
    ...narrowing.flatMap(({ note }) => note ?? []),
    ...(notice === undefined ? [] : [notice]),
  ];
}

function partialNotice(narrowing: readonly NarrowingUse[]): string {
  const total = narrowing.reduce((sum, { leftOut }) => sum + leftOut, 0);
  const left = total === 1 ? "1 job is left out" : `${grouped(total)} jobs are left out`;
  const parts = narrowing.map(({ option, leftOut }) => `${grouped(leftOut)} by --${option}`);
  const by = narrowing.map(({ given }) => (given.length > LONG ? `${given.slice(0, LONG - 1)}…` : given)).join(" and ");
  return `Partial plan, narrowed by ${by}: ${left}${parts.length > 1 ? ` (${parts.join(", ")})` : ""}.`;
}
