// cmc adopt: files that are there become results, once their validators pass. They lie at their places, or are brought there from another layout.
import { availableParallelism } from "node:os";
import { type Adopted, adopt as adoptFiles } from "../../apply/adoption/adopt.ts";
import { type Way, WAYS } from "../../apply/adoption/bring.ts";
import { decide, type Decision } from "../../apply/adoption/decide.ts";
import { mappingsOf } from "../../apply/adoption/mapping.ts";
import { EVERYTHING, isLive, planCampaign, type Planned } from "../../apply/planning.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { campaignAndJobs } from "../arguments.ts";
import { reasonGiven } from "../because.ts";
import { plannedJobs } from "../../plan/batches.ts";
import type { Context } from "../context.ts";
import { adoptObjects, formatAdopted, formatPlanned, type Said } from "../format/adopt.ts";
import { generatedFolder } from "../../apply/generated.ts";
import { interruptions } from "../interrupt.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { openCampaign } from "../open.ts";
import { jsonProgress, progressView, type ProgressView } from "../progress.ts";
import { readSelection, selects } from "../selection.ts";
import type { VerbOptions } from "../verb.ts";
import { whoAmI } from "../who.ts";
import { refuseDirty } from "../dirty.ts";

interface AdoptOptions extends VerbOptions {
  readonly from?: readonly string[];
  readonly output?: readonly string[];
  readonly how?: string;
  readonly jobs?: number;
  readonly allowDirty?: boolean;
}

export async function adopt(context: Context, args: readonly string[], options: AdoptOptions): Promise<number> {
  const { campaign, keys } = campaignAndJobs(context, args);
  const compiled = await openCampaign(context, campaign, options);
  const { root } = compiled;
  const table = compiled.table();
  const reason = reasonGiven(options);
  const way = wayOf(options);
  const mappings = mappingsOf(table, context.cwd, options.from ?? [], options.output ?? []);
  const selection = await readSelection(context, table, keys, options);
  const rows = (planned: Planned, live?: boolean): number[] => {
    const takes = selection && selects(selection, planned, { root, now: context.now(), live });
    const all = selection?.named ?? Array.from({ length: table.count }, (_, row) => row);
    return takes ? all.filter(takes) : [...all];
  };
  const who = whoAmI();
  const said: Said = { user: who.user, reason, way, cwd: context.cwd, root };
  const planned = await planCampaign(compiled, EVERYTHING);
  const seen = decide(planned, { root, rows: rows(planned), mappings, way });
  if (options.dryRun || (seen.adopt.length + seen.leftOver.length === 0 && !isLive(root))) {
    if (options.json) printJson(context, adoptObjects(seen, said));
    else context.out(formatPlanned(seen, said, context.width));
    return EXIT.ok;
  }
  if (!options.allowDirty) await refuseDirty(compiled);
  const { drain, stop, dispose } = interruptions((text) => context.err(`\n${text}\n`));
  let view: ProgressView | undefined;
  try {
    const adopted = await adoptFiles({
      compiled,
      mappings,
      way,
      reason,
      rows: (now) => rows(now, false),
      generatedDir: generatedFolder(compiled),
      workers: options.jobs ?? compiled.ir.execution.maxWorkers ?? availableParallelism(),
      commandLine: context.words,
      who,
      now: () => context.now(),
      approve: async ({ plan }) => {
        const jobs = plannedJobs(plan);
        view = options.json ? jsonProgress(context) : await progressView(context, jobs);
        return true;
      },
      onEvent: (event) => view?.event(event),
      onProgress: (progress) => view?.update(progress),
      drain,
      stop,
    });
    view?.close();
    printDiagnostics(context, adopted.applied.problems, options.json);
    if (options.json) printJson(context, adoptObjects(adopted.decision, said, adopted));
    else context.out(formatAdopted(adopted, said, context.width));
    return exitCodeOf(adopted.decision, adopted);
  } finally {
    view?.close();
    dispose();
  }
}

function exitCodeOf({ adopt: jobs }: Decision, { applied, passed }: Adopted): number {
  if (applied.outcome === "cancelled") return EXIT.cancelled;
  return jobs.some(({ key }) => !passed.has(key)) ? EXIT.failedJobs : EXIT.ok;
}

function wayOf({ how, from }: AdoptOptions): Way {
  const way = WAYS.find((one) => one === (how ?? "link"));
  if (!way) fail({ code: "cli/usage", message: `--how ${how} is no way to bring a file`, remedy: `Ways: ${WAYS.join(", ")}.` }); // prettier-ignore
  if (how !== undefined && !from)
    fail({ code: "cli/usage", message: "--how is about files of --from, and there are none" });
  return way;
}
