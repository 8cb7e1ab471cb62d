// Flags that shape a plan, the same for plan, apply and explain.
import type { PlanningOptions } from "../apply/planning.ts";

export interface PlanningFlags {
  /** As often as they were given. */
  readonly replace?: readonly string[];
  readonly target?: readonly string[];
  readonly exclude?: readonly string[];
  readonly canary?: boolean;
  readonly limit?: number;
  readonly adopt?: boolean;
}

/** Equal requests give equal options, whatever their order: the plan cache compares them. */
export function planningOptions({ replace, target, exclude, canary, limit, adopt }: PlanningFlags): PlanningOptions {
  return {
    replace: namesOf(replace),
    target: namesOf(target),
    exclude: namesOf(exclude),
    canary: canary === true,
    adopt: adopt === true,
    ...(limit === undefined ? {} : { limit }),
  };
}

function namesOf(texts: readonly string[] = []): string[] {
  return [...new Set(texts.flatMap(splitKeys))].sort();
}

/** `mock[realization=1,redshift=2],nsfr` -> two names: commas inside brackets and quotes do not separate. */
function splitKeys(text: string): string[] {
  const names = text.match(/(?:"(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]|[^,])+/g) ?? [];
  return names.map((name) => name.trim()).filter((name) => name !== "");
}
