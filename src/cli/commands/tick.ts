// cmc tick: one turn of a campaign on a cluster, one line, exit. For scrontab and cron; two at once are harmless.
import { dirname, resolve } from "node:path";
import { onPath } from "../../apply/checkup.ts";
import { type Turn, tick as takeTick, turnLine, turnObject } from "../../apply/cluster.ts";
import { refreshManifest } from "../../apply/manifest.ts";
import { DiagnosticError } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { readJournals } from "../../state/read-journal.ts";
import { runsByTime } from "../../state/run-state.ts";
import type { Compiled } from "../../compile/compile.ts";
import type { Context } from "../context.ts";
import { INSTALLING, scrontabLines } from "../format/scrontab.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { userName } from "../who.ts";

export interface TickOptions extends CampaignOptions {
  readonly root?: string;
  readonly install?: boolean;
}

export async function tick(context: Context, campaign: string | undefined, options: TickOptions): Promise<number> {
  const place = await placeOf(context, campaign, options);
  if (options.install) {
    install(context, place.root);
    return EXIT.ok;
  }
  const turn = await turnUnlessBusy(context, place, options.json ?? false);
  if (!turn) return EXIT.ok;
  showTurn(context, turn, options.json ?? false);
  return exitCodeOf(turn);
}

export function showTurn(context: Context, turn: Turn, json: boolean, head = ""): void {
  if (json) printJson(context, [turnObject(turn)]);
  else context.out(`${head}${turnLine(turn)}\n`);
  showTroubles(context, turn, json);
}

export function showTroubles(context: Context, turn: Turn, json: boolean): void {
  if (!json) for (const { code, message } of turn.alerts) context.out(`ALERT ${code}: ${message}\n`);
  if (turn.unreachable === undefined) return;
  printDiagnostics(context, [{ code: "slurm/unreachable", severity: "error", message: turn.unreachable }], json);
}

export interface Place {
  readonly root: string;
  /** Absent: --root; the manifest is then left to the next command that has the campaign. */
  readonly compiled?: Compiled;
}

export async function placeOf(context: Context, campaign: string | undefined, options: TickOptions): Promise<Place> {
  if (options.root !== undefined) return { root: resolve(context.cwd, options.root) };
  const compiled = await openCampaign(context, campaign, options);
  return { root: compiled.root, compiled };
}

/** Undefined: another command is at work, and has been told of. */
export async function turnUnlessBusy(context: Context, place: Place, json: boolean): Promise<Turn | undefined> {
  try {
    const turn = await takeTick({ root: place.root, user: userName(), now: () => context.now() });
    await refresh(place);
    return turn;
  } catch (error) {
    if (!(error instanceof DiagnosticError) || error.diagnostics[0]?.code !== "state/locked") throw error;
    const message = `${error.diagnostics[0].message}; nothing to do here`;
    if (json) printJson(context, [{ type: "turn", busy: true, message }]);
    else context.out(`${message}\n`);
    return undefined;
  }
}

export function exitCodeOf({ unreachable, alerts, finished }: Turn): number {
  if (unreachable !== undefined) return EXIT.unreachable;
  if (alerts.some(({ code }) => code === "slurm/budget")) return EXIT.preflight;
  if (alerts.length > 0 || finished.some(({ outcome }) => outcome === "failures")) return EXIT.failedJobs;
  return finished.some(({ outcome }) => outcome === "cancelled") ? EXIT.cancelled : EXIT.ok;
}

/** The database shows the jobs of the campaign that was applied; one that was edited since has others. */
async function refresh({ root, compiled }: Place): Promise<void> {
  if (!compiled) return;
  const { state } = readJournals(root).fold();
  const applied = runsByTime(state.runs.values()).find(({ start }) => start)?.start?.campaignDigest;
  if (applied === compiled.digest) await refreshManifest(root, compiled.table(), state, "if-stale");
}

/** cron looks here for programs. */
const CRON_PATH = ["/usr/bin", "/bin"];

function install(context: Context, root: string): void {
  const { PATH = "", SLURM_CONF } = context.env;
  const folder = dirname(onPath("sbatch", PATH) ?? "/usr/bin/sbatch");
  context.out(
    scrontabLines({
      program: [process.execPath, process.argv[1]!],
      root,
      ...(CRON_PATH.includes(folder) ? {} : { slurmFolder: folder }),
      ...(SLURM_CONF ? { slurmConf: SLURM_CONF } : {}),
    }),
  );
  context.err(INSTALLING);
}
