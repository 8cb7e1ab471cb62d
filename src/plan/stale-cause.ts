// What somebody must have done to one job, to be read from how it was planned and how it is planned now. Only of jobs that are planned otherwise.
import type { Action, Detail, Reason } from "./types.ts";

/** In the order they are told. */
export const CAUSES = [
  "completed", "failed", "interrupted", "taken", "held", "released", "accepted",
  "input-changed", "input-gone", "input-arrived",
  "output-gone", "output-changed", "output-back", "found",
  "other-recipe", "receipt-gone", "forgotten", "stranger",
  "follows", "otherwise",
] as const; // prettier-ignore
export type Cause = (typeof CAUSES)[number];

/** How a plan sees a row. */
export interface VerdictOn {
  readonly action: Action;
  readonly reason: Reason;
  readonly details: readonly Detail[];
}

/** Keys of jobs, or paths. */
export type Subjects = readonly [cause: Cause, subjects: readonly string[]];

const INTERRUPTED: ReadonlySet<Reason> = new Set<Reason>(["retry_lost", "retry_cancelled", "retry_checkpoint", "retry_node_fail", "retry_preempted"]); // prettier-ignore

/** Its result is not what this campaign asks for. */
export const OTHER_RECIPE: ReadonlySet<Reason> = new Set<Reason>(["params_changed", "code_changed", "env_changed"]);

export interface Meanwhile {
  /** There was an attempt. */
  readonly tried: boolean;
  /** A person accepted a change of its result, then or before. */
  readonly accepted: boolean;
}

/** Of a job that has no new result, and is not planned as it was. */
export function causesOf(key: string, kept: VerdictOn, now: VerdictOn, since: Meanwhile): readonly Subjects[] {
  const same = kept.action === now.action && kept.reason === now.reason;
  return !since.tried && same ? groundCauses(key, kept, now) : [causeOf(key, kept, now, since)];
}

function causeOf(key: string, kept: VerdictOn, now: VerdictOn, { tried, accepted }: Meanwhile): Subjects {
  if (kept.reason === "excluded" || now.reason === "excluded") return ["follows", [key]];
  switch (now.action) {
    case "keep":
      return accepted && /_changed$/.test(kept.reason) && !kept.reason.startsWith("output") ? ["accepted", [key]] : restored(key, kept, now); // prettier-ignore
    case "wait":
      return ["taken", [key]];
    case "hold":
      if (now.reason === "unresolved") return ["taken", [key]];
      return [now.reason === "attempts_exhausted" ? "failed" : "held", [key]];
    case "retry":
      if (kept.action === "hold") return ["released", [key]];
      return [INTERRUPTED.has(now.reason) ? "interrupted" : "failed", [key]];
    case "block":
      return now.reason === "missing_input"
        ? ["input-gone", pathsIn(now, "input", "missing", key)]
        : ["follows", [key]];
    default:
      return tried ? ["other-recipe", [key]] : runs(key, kept, now);
  }
}

/** Run as before, and for the same reason, but not on the same grounds: what is said on one side only. */
function groundCauses(key: string, kept: VerdictOn, now: VerdictOn): Subjects[] {
  const came = saidOnlyBy(now, kept);
  const paths = new Set(came.map(pathOf));
  const gone = saidOnlyBy(kept, now).filter((detail) => pathOf(detail) === undefined || !paths.has(pathOf(detail)));
  const causes = [...came.map((detail) => groundCause(key, detail, true)), ...gone.map((detail) => groundCause(key, detail, false))]; // prettier-ignore
  // What is not understood is not passed over.
  return causes.length > 0 ? causes : [["otherwise", [key]]];
}

function saidOnlyBy(one: VerdictOn, other: VerdictOn): Detail[] {
  const known = new Set(other.details.map((detail) => JSON.stringify(detail)));
  return one.details.filter((detail) => !known.has(JSON.stringify(detail)));
}

function pathOf(detail: Detail): string | undefined {
  return detail.type === "output" || detail.type === "input" ? detail.path : undefined;
}

/** `came`: it is said now and was not; else it was said and is no more. */
function groundCause(key: string, detail: Detail, came: boolean): Subjects {
  switch (detail.type) {
    case "output":
      return [!came ? "output-back" : detail.what === "missing" ? "output-gone" : "output-changed", [detail.path]];
    case "input":
      return ["input-changed", [detail.path]];
    case "found":
      return ["found", detail.paths];
    case "upstream":
    case "group":
      return ["follows", [key]];
    default:
      return ["otherwise", [key]];
  }
}

/** To be run, or adopted, and was not, or not for this cause. */
function runs(key: string, kept: VerdictOn, now: VerdictOn): Subjects {
  if (kept.action === "hold") return ["released", [key]];
  if (OTHER_RECIPE.has(now.reason)) return ["other-recipe", [key]];
  if (kept.action === "block")
    return kept.reason === "missing_input" ? ["input-arrived", pathsIn(kept, "input", "missing", key)] : ["follows", [key]]; // prettier-ignore
  switch (now.reason) {
    case "input_changed":
      return ["input-changed", pathsIn(now, "input", undefined, key)];
    case "output_missing":
      return ["output-gone", pathsIn(now, "output", "missing", key)];
    case "output_changed":
    case "output_invalid":
      return ["output-changed", pathsIn(now, "output", undefined, key)];
    case "upstream_changed":
      return ["follows", [key]];
    case "adopt":
      return ["found", foundIn(now, key)];
    case "new":
      if (kept.action === "create" || kept.action === "adopt") return ["found", foundIn(now, key)];
      return kept.action === "keep" || kept.action === "rerun" ? ["receipt-gone", [key]] : ["otherwise", [key]];
    default:
      return ["otherwise", [key]];
  }
}

/** Complete without a new result: what was wrong on disk has been put right, or the stage says that the change does not matter. */
function restored(key: string, kept: VerdictOn, now: VerdictOn): Subjects {
  if (now.reason === "input_changed") return ["input-changed", pathsIn(now, "input", undefined, key)];
  if (OTHER_RECIPE.has(now.reason)) return ["other-recipe", [key]];
  if (kept.reason.startsWith("output_")) return ["output-back", pathsIn(kept, "output", undefined, key)];
  if (kept.reason === "input_changed") return ["input-changed", pathsIn(kept, "input", undefined, key)];
  if (kept.reason === "upstream_changed") return ["follows", [key]];
  return kept.action === "wait" ? ["completed", [key]] : ["otherwise", [key]];
}

function pathsIn({ details }: VerdictOn, type: "input" | "output", what: string | undefined, key: string): string[] {
  const paths = details.flatMap((detail) =>
    detail.type === type && (what === undefined || detail.what === what) ? [detail.path] : [],
  );
  return paths.length > 0 ? paths : [key];
}

function foundIn({ details }: VerdictOn, key: string): readonly string[] {
  const paths = details.flatMap((detail) => (detail.type === "found" ? detail.paths : []));
  return paths.length > 0 ? paths : [key];
}
