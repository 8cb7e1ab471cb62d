// The summary: the part of a plan that is printed and kept in the cache. Small whatever the number of jobs.
import { keyStage } from "../ir/key.ts";
import type { Draft } from "./draft.ts";
import { overBudget } from "./budget.ts";
import { costOf } from "./cost.ts";
import { groupsOf } from "./groups.ts";
import { grouped } from "./grouped.ts";
import { narrowingNotices } from "./narrow/notices.ts";
import { ACTIONS, type Action, type Plan, type PlanGroup, type PlanSummary, type Refusal } from "./types.ts";
import { versionNotices } from "./versions.ts";

export function summarize(draft: Draft, forget: readonly string[]): PlanSummary {
  const { campaign } = draft.table;
  const cost = costOf(draft);
  const groups = groupsOf({ table: draft.table, action: draft.actions, reason: draft.reasons, details: draft.details });
  return {
    campaign: campaign.name,
    version: campaign.version,
    jobs: draft.table.count,
    counts: countsOf(groups, forget.length),
    groups: [...groups, ...forgotten(forget)],
    notices: [...noticesOf(draft), ...renamedStages(draft, forget)],
    refusals: [...refusalsOf(draft, groups), ...overBudget(cost)],
    cost,
    partial: draft.partial,
    narrowing: draft.narrowing,
    ...(draft.ramp ? { ramp: draft.ramp } : {}),
  };
}

function countsOf(groups: readonly PlanGroup[], forget: number): Record<Action, number> {
  const counts = Object.fromEntries(ACTIONS.map((action) => [action, 0])) as Record<Action, number>;
  for (const { action, count } of groups) counts[action] += count;
  counts.forget = forget;
  return counts;
}

function forgotten(keys: readonly string[]): PlanGroup[] {
  const stages = new Map<string, string[]>();
  for (const key of keys) {
    const stage = key.split("[", 1)[0]!;
    stages.set(stage, [...(stages.get(stage) ?? []), key]);
  }
  return [...stages].map(([stage, of]) => ({
    stage,
    action: "forget",
    reason: "forget",
    count: of.length,
    range: "",
    example: of[0]!,
  }));
}

function noticesOf(draft: Draft): string[] {
  const { found, inputsGone, policy } = draft;
  const notices = narrowingNotices(draft);
  const say = (count: number, one: string, many: string) =>
    notices.push(count === 1 ? `1 job ${one}` : `${grouped(count)} jobs ${many}`);
  if (found > 0 && !policy.adopt)
    say(
      found,
      "has output files without a receipt; --adopt takes them over once they pass their validators.",
      "have output files without a receipt; --adopt takes them over once they pass their validators.",
    );
  if (inputsGone > 0)
    say(
      inputsGone,
      "is complete and its input files are gone; its result is kept.",
      "are complete and their input files are gone; their results are kept.",
    );
  notices.push(...draft.holes, ...versionNotices(draft), ...draft.arrivals);
  return notices;
}

/** Stages whose jobs are all new and would make, recipe by recipe, what stands under a stage that is gone. */
function renamedStages(draft: Draft, forget: readonly string[]): string[] {
  if (forget.length === 0) return [];
  const made = new Map(forget.map((key) => [draft.state.jobs.get(key)?.receipt?.recipe.digest, keyStage(key)]));
  const here = new Set(draft.table.stages.map(({ stage }) => stage.name));
  return draft.table.stages.flatMap((stage) => {
    const [from, name] = [made.get(stage.recipe.digest.at(0)), stage.stage.name];
    if (from === undefined || here.has(from) || draft.action(stage.first) !== "create") return [];
    return [`Stage ${name} would make again what ${from} has made. \`cmc mv ${from} ${name}\` keeps the results: moved({ from: { stage: "${from}" }, to: { stage: "${name}" } }).`]; // prettier-ignore
  });
}

/** Policy `fail`: one missing file refuses everything. */
function refusalsOf(draft: Draft, groups: readonly PlanGroup[]): Refusal[] {
  const strict = new Set(
    draft.table.stages.filter(({ stage }) => stage.missingInput.policy === "fail").map(({ stage }) => stage.name),
  );
  return groups
    .filter((group) => group.reason === "missing_input" && strict.has(group.stage))
    .map(({ stage, count, detail }) => {
      const path = detail?.type === "input" ? `, ${detail.path} first` : "";
      return {
        code: "plan/missing-input",
        message: `stage ${stage}: the inputs of ${grouped(count)} ${count === 1 ? "job" : "jobs"} are not there${path}`,
      };
    });
}

/** Apply would change nothing. */
export function isIdle({ counts }: Pick<PlanSummary, "counts">): boolean {
  return counts.create + counts.rerun + counts.retry + counts.adopt + counts.move + counts.forget === 0;
}

/** The same plan, only the rows a selection takes, and jobs that left the campaign. Cost and notices stay those of the whole. */
export function summaryOfRows(plan: Plan, wanted: (row: number) => boolean, left: readonly string[]): PlanSummary {
  const groups = groupsOf(plan, wanted);
  return { ...plan.summary, groups: [...groups, ...forgotten(left)], counts: countsOf(groups, left.length) };
}
