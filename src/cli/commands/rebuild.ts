// cmc rebuild: writes metadata/campaign.db and provenance.json again from the journal. The journal is the truth; both are views.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DiagnosticError } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { writeProvenance } from "../../apply/provenance.ts";
import { inForce } from "../../plan/in-force.ts";
import { acquireLock } from "../../state/lock.ts";
import { MANIFEST_FILE, writeManifest } from "../../state/manifest/manifest.ts";
import { readJournals } from "../../state/read-journal.ts";
import type { Context } from "../context.ts";
import { count } from "../format/quantity.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { userName } from "../who.ts";

export async function rebuild(
  context: Context,
  campaign: string | undefined,
  options: CampaignOptions,
): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const { root } = compiled;
  if (!existsSync(join(root, "journal")))
    throw new DiagnosticError([
      { code: "state/no-journal", severity: "error", message: `${root} has no journal: nothing was applied there` },
    ]);
  const lock = acquireLock(root, "rebuild", { user: userName(), now: context.now() });
  try {
    const { state, problems } = readJournals(root).fold();
    printDiagnostics(context, problems, options.json);
    const table = inForce(compiled.table(), state);
    await writeManifest(root, table, state);
    writeProvenance(root, compiled.ir, state.runs.values());
    const file = join(root, MANIFEST_FILE);
    if (options.json) printJson(context, [{ type: "rebuilt", file, jobs: table.count }]);
    else context.out(`${file}: ${count(table.count)} jobs, from ${count(state.jobs.size)} in the journal.\n`);
    return EXIT.ok;
  } finally {
    lock.release();
  }
}
