// cmc apply: shows the plan, asks, carries it out with progress, and says how it ended and what to do next.
import { availableParallelism, totalmem } from "node:os";
import { type Applied, apply as applyCampaign, nothingToDo } from "../../apply/apply.ts";
import type { Planned } from "../../apply/planning.ts";
import { parseSize } from "../../author/units.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { formatDiagnostic } from "../../diagnostics/print.ts";
import { gitFacts } from "../../observe/git.ts";
import type { Context } from "../context.ts";
import { formatOutcome } from "../format/outcome.ts";
import { formatPlan } from "../format/plan.ts";
import { generatedFolder } from "../generated.ts";
import { interruptions } from "../interrupt.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { planningOptions, type PlanningFlags } from "../planning-flags.ts";
import { type ProgressView, progressView } from "../progress.ts";
import { refuseRefusals } from "../refusals.ts";
import { printReport } from "../report.ts";
import { whoAmI } from "../who.ts";

interface ApplyOptions extends CampaignOptions, PlanningFlags {
  readonly autoApprove?: boolean;
  readonly jobs?: number;
  readonly memory?: string;
  readonly allowDirty?: boolean;
  readonly site: string;
}

export async function apply(context: Context, campaign: string | undefined, options: ApplyOptions): Promise<number> {
  const memory = memoryLimit(options.memory);
  const compiled = await openCampaign(context, campaign, options);
  if (!options.allowDirty) await refuseDirty(compiled.campaignDir);
  const cpus = availableParallelism();
  const workers = options.jobs ?? compiled.ir.execution.maxWorkers ?? cpus;
  const { drain, stop, dispose } = interruptions((text) => context.err(`\n${text}\n`));
  let view: ProgressView | undefined;
  try {
    const applied = await applyCampaign({
      compiled,
      planning: planningOptions(options),
      site: options.site,
      generatedDir: generatedFolder(compiled, undefined, context.cwd),
      workers,
      cpus: Math.max(cpus, workers),
      memory,
      command: "apply",
      who: whoAmI(),
      now: () => context.now(),
      approve: async (planned) => {
        for (const problem of planned.problems) context.err(`${formatDiagnostic(problem, context.palette)}\n`);
        context.out(formatPlan(planned.plan.summary, context));
        refuseRefusals(planned.plan.summary);
        if (!options.autoApprove && !(await approved(context, planned))) return false;
        view = await progressView(context, planned.plan.batches.reduce((sum, batch) => sum + batch.rows.length, 0)); // prettier-ignore
        return true;
      },
      onEvent: (event) => view?.event(event),
      onProgress: (progress) => view?.update(progress),
      drain,
      stop,
    });
    view?.close();
    return conclude(context, compiled.root, applied);
  } finally {
    view?.close();
    dispose();
  }
}

function conclude(context: Context, root: string, applied: Applied): number {
  const { outcome, planned } = applied;
  if (outcome === "nothing") {
    context.out(formatPlan(planned.plan.summary, context));
    refuseRefusals(planned.plan.summary);
  }
  if (outcome === "declined") context.out("Nothing was done.\n");
  for (const problem of applied.problems) context.err(`${formatDiagnostic(problem, context.palette)}\n`);
  if (applied.run) context.out(formatOutcome(applied, context));
  if (outcome === "done" || outcome === "failures") printReport(context, root, planned.plan.table, applied.state);
  if (outcome === "nothing") return stuck(planned) ? EXIT.failedJobs : EXIT.ok;
  if (outcome === "cancelled" || outcome === "declined") return EXIT.cancelled;
  return outcome === "failures" ? EXIT.failedJobs : EXIT.ok;
}

/** Nothing to run, and yet not everything is there. */
function stuck({ plan }: Planned): boolean {
  return nothingToDo(plan) && plan.summary.counts.block + plan.summary.counts.hold > 0;
}

function memoryLimit(text: string | undefined): number {
  if (text === undefined) return totalmem();
  return parseSize(text) ?? fail({ code: "compile/bad-unit", message: `--memory ${text} is not a size` });
}

async function refuseDirty(folder: string): Promise<void> {
  const dirty = (await gitFacts(folder))?.dirty ?? [];
  if (dirty.length === 0) return;
  const named = dirty.slice(0, 3).join(", ") + (dirty.length > 3 ? ` and ${dirty.length - 3} more` : "");
  fail({ code: "apply/dirty", message: `the campaign has uncommitted changes: ${named}` });
}

async function approved(context: Context, { plan }: Planned): Promise<boolean> {
  if (!context.ask)
    fail({ code: "cli/not-approved", message: "apply needs approval and there is no terminal to ask on" });
  const replaced = plan.summary.cost.outputsReplaced;
  if (replaced > 0) context.out(context.palette.yellow(`${replaced} completed outputs will be replaced.\n`));
  return (await context.ask!("Apply this plan? Only `yes` is taken for an answer: ")).trim() === "yes";
}
