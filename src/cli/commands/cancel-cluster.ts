// cmc cancel of a run on a cluster: which jobs are meant, what that comes to, and in words what became of it.
import { cancelPlan } from "../../apply/cancel-plan.ts";
import { carryOutCancel } from "../../apply/cancel.ts";
import { slurmClient } from "../../apply/cluster.ts";
import { viewCluster } from "../../apply/cluster-view.ts";
import { acquireLockPatiently } from "../../apply/patient-lock.ts";
import { EVERYTHING, planCampaign } from "../../apply/planning.ts";
import type { Compiled } from "../../compile/compile.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { keyOfRow } from "../../expand/table.ts";
import type { Context } from "../context.ts";
import { cancelObjects, formatCancel } from "../format/cancel.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { readSelection, type Selection, selects } from "../selection.ts";
import { userName } from "../who.ts";
import type { CancelOptions } from "./cancel.ts";

export async function cancelOnCluster(
  context: Context,
  compiled: Compiled,
  keys: readonly string[],
  options: CancelOptions,
): Promise<number> {
  if (options.now)
    fail({
      code: "cli/usage",
      message: "--now is for a run on this machine: on a cluster cancelled tasks are always ended",
    });
  const { root } = compiled;
  const selection = await readSelection(context, compiled.table(), keys, options);
  const wholeTasks = options.wholeTasks ?? false;
  const user = userName();
  const now = () => context.now();
  if (options.dryRun) {
    const plan = cancelPlan(viewCluster(root, now()), await selectedKeys(compiled, selection, now()), wholeTasks);
    show(context, options, { plan });
    return EXIT.ok;
  }
  const onWait = (holder: string) => context.err(`${holder} is at work; waiting for it to end.\n`);
  const lock = await acquireLockPatiently(root, "cancel", { user, now, onWait });
  try {
    const view = viewCluster(root, now());
    const plan = cancelPlan(view, await selectedKeys(compiled, selection, now()), wholeTasks);
    if (view.runs.length === 0 || plan.hold.length + plan.submissions.length + plan.packs.length === 0) {
      show(context, options, { plan });
      return EXIT.ok;
    }
    const client = slurmClient(view.runs[0]!.site);
    const said = options.because === undefined ? {} : { reason: options.because };
    const done = await carryOutCancel({ root, view, client, user, now, ...said }, plan);
    show(context, options, { plan, done });
    if (done.unreachable !== undefined) {
      const message = `${done.unreachable}; what is cancelled is recorded, and the same command asks again`;
      printDiagnostics(context, [{ code: "slurm/unreachable", severity: "error", message }], options.json);
      return EXIT.unreachable;
    }
    return done.objection !== undefined && done.submissions.some(({ left }) => left.length > 0) ? EXIT.error : EXIT.ok;
  } finally {
    lock.release();
  }
}

function show(context: Context, { json, dryRun }: CancelOptions, shown: Parameters<typeof formatCancel>[0]): void {
  if (json) printJson(context, cancelObjects(shown, dryRun ?? false));
  else context.out(formatCancel(shown, dryRun ?? false, context));
}

/** Without a selection: all. Only reasons and states need a plan. */
async function selectedKeys(
  compiled: Compiled,
  selection: Selection | undefined,
  now: number,
): Promise<(key: string) => boolean> {
  if (!selection) return () => true;
  const table = compiled.table();
  const { reasons, states, named, takes } = selection;
  const planned = (reasons ?? states) ? await planCampaign(compiled, EVERYTHING, false) : undefined;
  const wanted = planned ? selects(selection, planned, { root: compiled.root, now }) : takes;
  const rows = named ?? Array.from({ length: table.count }, (_, row) => row);
  const chosen = new Set(rows.filter(wanted).map((row) => keyOfRow(table, row)));
  return (key) => chosen.has(key);
}
