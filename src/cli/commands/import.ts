// cmc import: YAML productions -> campaign modules and site profiles on disk, and what to do with them next. All of it, or nothing.
import { EXIT } from "../../diagnostics/exit.ts";
import { importFiles, type Imported } from "../../import/import.ts";
import { writeFiles } from "../../import/write.ts";
import type { Context } from "../context.ts";
import { count } from "../format/quantity.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { shorter } from "../report.ts";

interface ImportFlags {
  readonly out?: string;
  readonly machine?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export async function importCommand(context: Context, sources: readonly string[], flags: ImportFlags): Promise<number> {
  const { cwd } = context;
  const { imported, skipped, warnings } = await importFiles(sources, { cwd, out: flags.out, machine: flags.machine });
  const files = new Map(imported.flatMap((made) => [...made.files]));
  const written = new Set(writeFiles(files, { force: flags.force === true, cwd }));
  printDiagnostics(context, warnings, flags.json);
  if (flags.json) {
    printJson(context, [
      ...imported.map((made) => ({
        type: "imported",
        source: made.source,
        dir: made.dir,
        ...made.campaign,
        files: [...made.files.keys()].map((path) => ({ path, written: written.has(path) })),
        next: nextOf(cwd, made),
      })),
      ...skipped.map((file) => ({ type: "skipped", ...file })),
    ]);
    return EXIT.ok;
  }
  const { bold, dim } = context.palette;
  const lines = [
    ...imported.flatMap(({ source, campaign, files }) => [
      `${bold(campaign ? `${campaign.name} ${campaign.version}` : "site profile")}${campaign ? `  ${count(campaign.jobs)} jobs` : ""}  ${dim(`from ${source}`)}`,
      ...[...files.keys()].map((path) => `  ${shorter(cwd, path)}${written.has(path) ? "" : dim("  as it was")}`),
    ]),
    ...skipped.map(({ source, why }) => `${source}: nothing to import; ${why}`),
    "Next:",
    ...imported.flatMap((made) => nextOf(cwd, made)).map((line) => `  ${line}`),
  ];
  context.out(`${lines.join("\n")}\n`);
  return EXIT.ok;
}

function nextOf(cwd: string, { dir, campaign, files }: Imported): string[] {
  const place = shorter(cwd, dir) || ".";
  if (campaign) return [`cmc check ${place}`, `cmc plan ${place}`];
  return [...files.keys()].map((path) => `cmc site show ${shorter(cwd, path)}`);
}
