// Flags that shape a plan, the same for plan and apply.
import type { PlanningOptions } from "../apply/planning.ts";

export interface PlanningFlags {
  readonly replace?: string;
  readonly target?: string;
  readonly limit?: number;
  readonly adopt?: boolean;
}

export function planningOptions({ replace, target, limit, adopt }: PlanningFlags): PlanningOptions {
  return {
    replace: splitKeys(replace ?? ""),
    target: splitKeys(target ?? ""),
    adopt: adopt === true,
    ...(limit === undefined ? {} : { limit }),
  };
}

/** `mock[realization=1,redshift=2],nsfr` -> two names: commas inside brackets do not separate. */
export function splitKeys(text: string): string[] {
  return text
    .split(/,(?![^[]*\])/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
