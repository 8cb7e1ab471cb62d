// cmc cancel of a run on a cluster: which jobs are meant, what that comes to, and in words what became of it.
import { cancelPlan } from "../../apply/cancel-plan.ts";
import { carryOutCancel } from "../../apply/cancel.ts";
import { slurmClient } from "../../apply/cluster.ts";
import { viewCluster } from "../../apply/cluster-view.ts";
import { acquireLockPatiently } from "../../apply/patient-lock.ts";
import type { Compiled } from "../../compile/compile.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { type JobTable, keyOfRow } from "../../expand/table.ts";
import type { Context } from "../context.ts";
import { cancelObjects, formatCancel } from "../format/cancel.ts";
import { parseFilter } from "../format/plan-filter.ts";
import { requireJob } from "../job.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { userName } from "../who.ts";
import type { CancelOptions } from "./cancel.ts";

export async function cancelOnCluster(
  context: Context,
  { root, table: tableOf }: Compiled,
  keys: readonly string[],
  options: CancelOptions,
): Promise<number> {
  if (options.now)
    fail({
      code: "cli/usage",
      message: "--now is for a run on this machine: on a cluster cancelled tasks are always ended",
    });
  const selected = selection(tableOf, keys, options);
  const wholeTasks = options.wholeTasks ?? false;
  const user = userName();
  const now = () => context.now();
  if (options.dryRun) {
    const plan = cancelPlan(viewCluster(root, now()), selected, wholeTasks);
    show(context, options, { plan });
    return EXIT.ok;
  }
  const onWait = (holder: string) => context.err(`${holder} is at work; waiting for it to end.\n`);
  const lock = await acquireLockPatiently(root, "cancel", { user, now, onWait });
  try {
    const view = viewCluster(root, now());
    const plan = cancelPlan(view, selected, wholeTasks);
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

/** Without jobs and filters: all. */
function selection(
  tableOf: () => JobTable,
  keys: readonly string[],
  { stage, where }: CancelOptions,
): (key: string) => boolean {
  if (keys.length === 0 && stage === undefined && where === undefined) return () => true;
  if (keys.length > 0 && (stage !== undefined || where !== undefined))
    fail({ code: "cli/usage", message: "name jobs, or select them by --stage and --where; not both" });
  const table = tableOf();
  const filter = parseFilter(table, { ...(stage === undefined ? {} : { stage }), ...(where === undefined ? {} : { where }) }); // prettier-ignore
  const rows = filter ? Array.from({ length: table.count }, (_, row) => row).filter(filter.row) : keys.map((key) => requireJob(table, key)); // prettier-ignore
  const chosen = new Set(rows.map((row) => keyOfRow(table, row)));
  return (key) => chosen.has(key);
}
