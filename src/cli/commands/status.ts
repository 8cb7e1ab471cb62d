// cmc status: how far a campaign is, what failed, which gates did not pass. A view of the journal; writes nothing but caches.
import { type ClusterStatus, clusterStatus } from "../../apply/cluster-status.ts";
import { viewCluster } from "../../apply/cluster-view.ts";
import { EVERYTHING, planCampaign, planSummary } from "../../apply/planning.ts";
import type { Compiled } from "../../compile/compile.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { status as statusOf } from "../../insight/status.ts";
import { readLock } from "../../state/lock.ts";
import type { Context } from "../context.ts";
import { duration } from "../format/quantity.ts";
import { formatStatus } from "../format/status.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

interface StatusOptions extends CampaignOptions {
  readonly check?: boolean;
}

export async function status(context: Context, campaign: string | undefined, options: StatusOptions): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const { root } = compiled;
  const now = context.now();
  const before = readLock(root);
  const seen = viewCluster(root, now);
  // An apply that begins or ends while the journals are read is at work.
  const lock = before ?? readLock(root);
  const { state, problems, jobs: elsewhere } = seen;
  printDiagnostics(context, problems, options.json);
  const cluster = clusterStatus(seen, now, duration);
  // Between two turns nobody holds the lock; during one, what was begun is judged by what holds it.
  const live = !cluster && lock !== undefined && !lock.abandoned;
  const view = statusOf(compiled.table(), state, { now, live, ...(cluster ? { elsewhere } : {}) });
  const ramp = compiled.ir.ramp && (await planSummary(compiled, EVERYTHING)).ramp;
  if (options.json) {
    const { failures, gates, stages, ...rest } = view;
    printJson(context, [
      { type: "status", root, ...rest, ...(lock ? { lock } : {}), ...clusterObject(cluster) },
      ...stages.map((stage) => ({ type: "stage", ...stage })),
      ...(ramp ? [{ type: "ramp", ...ramp }] : []),
      ...failures.map((failure) => ({ type: "failure", ...failure })),
      ...gates.map((gate) => ({ type: "gate", ...gate })),
      ...(cluster?.submissions ?? []).map((submission) => ({ type: "submission", ...submission })),
      ...(cluster?.alerts ?? []).map((alert) => ({ type: "alert", ...alert })),
    ]);
  } else {
    const place = { root, now, ...(lock ? { lock } : {}), ...(cluster ? { cluster } : {}), ...(ramp ? { ramp } : {}) };
    context.out(formatStatus(view, place, context));
  }
  if (!options.check) return EXIT.ok;
  const { failed, blocked, held } = view.total;
  return failed + blocked + held > 0 || (await lacksInputs(compiled)) ? EXIT.failedJobs : EXIT.ok;
}

/** Submissions and alerts have lines of their own. */
function clusterObject(cluster: ClusterStatus | undefined): object {
  if (!cluster) return {};
  const { submissions: _, alerts: __, ...rest } = cluster;
  return { cluster: rest };
}

/** The journal does not know of input files that are not there: the plan looks. */
async function lacksInputs(compiled: Compiled): Promise<boolean> {
  const { groups } = (await planCampaign(compiled, EVERYTHING)).plan.summary;
  // Whether a scheduler took a job is settled by the next tick; nothing failed.
  return groups.some(({ action, reason }) => action === "block" || (action === "hold" && reason !== "unresolved"));
}
