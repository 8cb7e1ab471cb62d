// cmc apply: shows the plan, asks, carries it out with progress, and says how it ended and what to do next.
import { availableParallelism, totalmem } from "node:os";
import { type Applied, apply as applyCampaign } from "../../apply/apply.ts";
import type { Planned } from "../../apply/planning.ts";
import { parseSize } from "../../author/units.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { plannedJobs } from "../../plan/batches.ts";
import type { Context } from "../context.ts";
import { refuseDirty } from "../dirty.ts";
import { asGiven, formatNext, formatOutcome, leftOut, nextWithoutSource, outcomeObject } from "../format/outcome.ts";
import { planObjects } from "../format/plan-json.ts";
import { formatPlan } from "../format/plan.ts";
import { formatPreview } from "../format/preview.ts";
import { count } from "../format/quantity.ts";
import { generatedFolder } from "../../apply/generated.ts";
import { interruptions } from "../interrupt.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { planningOptions, type PlanningFlags } from "../planning-flags.ts";
import { jsonProgress, type ProgressView, progressView } from "../progress.ts";
import { refuseRefusals } from "../refusals.ts";
import { printReport, shorter } from "../report.ts";
import { exitCodeOf as exitCodeOfTurn, showTroubles } from "./tick.ts";
import { announce, savedPlanNamed } from "../saved-plan.ts";
import { whoAmI } from "../who.ts";

interface ApplyOptions extends CampaignOptions, PlanningFlags {
  readonly autoApprove?: boolean;
  readonly jobs?: number;
  readonly memory?: string;
  readonly allowDirty?: boolean;
  /** Absent: local, or that of the saved plan. */
  readonly site?: string;
}

export async function apply(context: Context, campaign: string | undefined, options: ApplyOptions): Promise<number> {
  const memory = memoryLimit(options.memory);
  const saved = await savedPlanNamed(context, campaign, options);
  const compiled = saved?.campaign ?? (await openCampaign(context, campaign, options));
  if (!saved && !options.allowDirty) await refuseDirty(compiled);
  const cpus = availableParallelism();
  const workers = options.jobs ?? compiled.ir.execution.maxWorkers ?? cpus;
  const { drain, stop, dispose } = interruptions((text) => context.err(`\n${text}\n`));
  let view: ProgressView | undefined;
  try {
    const applied = await applyCampaign({
      compiled,
      planning: saved?.planning ?? planningOptions(options),
      site: saved?.from.site.name ?? options.site ?? "local",
      generatedDir: saved?.generatedDir ?? generatedFolder(compiled),
      workers,
      cpus: Math.max(cpus, workers),
      memory,
      command: "apply",
      commandLine: context.words,
      who: whoAmI(),
      now: () => context.now(),
      ...(saved ? { saved: saved.from } : {}),
      approve: async (planned, preview) => {
        if (saved) announce(context, saved, planned.plan.summary, options.json);
        else showPlan(context, planned, options);
        if (preview && options.json) printJson(context, [{ type: "site", ...preview }]);
        else if (preview) context.out(formatPreview(preview, context.width));
        if (preview) refuseRefusals(preview);
        if (!saved && !options.autoApprove && !(await approved(context, planned, options))) return false;
        const jobs = plannedJobs(planned.plan);
        view = options.json ? jsonProgress(context) : await progressView(context, jobs);
        return true;
      },
      onEvent: (event) => view?.event(event),
      onProgress: (progress) => view?.update(progress),
      drain,
      stop,
    });
    view?.close();
    if (applied.outcome === "nothing") showPlan(context, applied.planned, options);
    else printDiagnostics(context, applied.problems, options.json);
    if (options.json) printJson(context, [outcomeObject(applied, compiled.root)]);
    else conclude(context, compiled.root, applied, saved ? saved.given : asGiven(campaign, options));
    if (applied.turn) showTroubles(context, applied.turn, options.json ?? false);
    return exitCodeOf(applied);
  } finally {
    view?.close();
    dispose();
  }
}

function showPlan(context: Context, { plan, problems }: Planned, { json }: ApplyOptions): void {
  printDiagnostics(context, problems, json);
  if (json) printJson(context, planObjects(plan.summary));
  else context.out(formatPlan(plan.summary, context));
  refuseRefusals(plan.summary);
}

/** `given` undefined: the campaign's source is not on this machine. */
function conclude(context: Context, root: string, applied: Applied, given: string | undefined): void {
  const { outcome, planned } = applied;
  if (outcome === "declined") context.out("Nothing was done.\n");
  if (applied.run ?? applied.turn) context.out(formatOutcome(applied, context));
  if (outcome === "done" || outcome === "failures") printReport(context, root, planned.plan.table, applied.state);
  const next =
    given === undefined ? nextWithoutSource(applied, root) : formatNext(applied, shorter(context.cwd, root), given);
  if (next) context.out(`${outcome === "cancelled" ? "" : "\n"}${next}`);
}

function exitCodeOf({ outcome, planned, turn }: Applied): number {
  const ofTurn = turn ? exitCodeOfTurn(turn) : EXIT.ok;
  if (ofTurn !== EXIT.ok) return ofTurn;
  if (outcome === "cancelled" || outcome === "declined") return EXIT.cancelled;
  return outcome === "failures" || leftOut(planned.plan.summary) > 0 ? EXIT.failedJobs : EXIT.ok;
}

function memoryLimit(text: string | undefined): number {
  if (text === undefined) return totalmem();
  return parseSize(text) ?? fail({ code: "compile/bad-unit", message: `--memory ${text} is not a size` });
}

async function approved(context: Context, { plan }: Planned, { json }: ApplyOptions): Promise<boolean> {
  if (json) fail({ code: "cli/not-approved", message: "apply needs approval, and with --json it does not ask" });
  if (!context.ask)
    fail({ code: "cli/not-approved", message: "apply needs approval and there is no terminal to ask on" });
  const replaced = plan.summary.cost.outputsReplaced;
  const outputs = replaced === 1 ? "output" : "outputs";
  if (replaced > 0)
    context.out(`${context.palette.yellow(`${count(replaced)} completed ${outputs} will be replaced.`)}\n`);
  return (await context.ask!("Apply this plan? Only `yes` is taken for an answer: ")).trim() === "yes";
}
