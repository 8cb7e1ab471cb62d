// cmc show JOB: a job as its worker sees it, and with --site what it asks of that site. Not why it would run (explain). cmc show FILE is in show-plan.ts.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { jobLine, stageOfRow, type StageTable } from "../../expand/table.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { showPlaceholders } from "../../ir/placeholder.ts";
import type { CampaignIR } from "../../ir/campaign.ts";
import type { ResourcesIR } from "../../ir/stage.ts";
import type { JobInput } from "../../ir/job.ts";
import type { Context } from "../context.ts";
import { requireJob } from "../job.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import type { SelectionOptions } from "../selection.ts";
import type { ShownAs } from "./plan.ts";

/** Elements of a fan-in shown before the rest is counted. */
const SHOWN = 3;

export async function show(
  context: Context,
  key: string,
  campaign: string | undefined,
  options: CampaignOptions & ShownAs & SelectionOptions & { readonly site?: string },
): Promise<number> {
  if (statSync(resolve(context.cwd, key), { throwIfNoEntry: false })?.isFile()) {
    const { showPlanFile } = await import("./show-plan.ts");
    const shown = await showPlanFile(context, key, campaign, options);
    if (shown !== undefined) return shown;
  }
  refusePlanOptions(options);
  const compiled = await openCampaign(context, campaign, options);
  const table = compiled.table();
  const row = requireJob(table, key);
  const stage = stageOfRow(table, row);
  const job = jobLine(table, stage, row - stage.first);
  const resolved = await onSite(context, options.site, compiled.ir, stage, job.resources);
  if (options.json) {
    const fields = resolved?.fields.map((field) => ({ type: "resource", site: resolved.site, ...field })) ?? [];
    printJson(context, [{ type: "job", ...job, root: compiled.root }, ...fields]);
    return EXIT.ok;
  }
  const { bold, dim } = context.palette;
  const { run, resources, retry, environment, node } = stage.stage;
  const lines = [
    bold(job.key),
    `${dim("point")}     ${JSON.stringify(job.point)}`,
    `${dim("params")}    ${JSON.stringify(job.params)}`,
  ];
  for (const [port, input] of Object.entries(job.inputs))
    lines.push(`${dim("input")}     ${port}: ${inputText(input)}`);
  for (const [name, path] of Object.entries(job.outputs)) lines.push(`${dim("output")}    ${name}: ${path}`);
  lines.push(
    `${dim("run")}       ${run.kind === "task" ? run.entry : (job.argv ?? []).map((a) => JSON.stringify(showPlaceholders(a))).join(" ")}`,
  );
  const facts = { ...environment, ...(node === undefined ? {} : { node }) };
  if (Object.keys(facts).length > 0) lines.push(`${dim("facts")}     ${JSON.stringify(facts)}`);
  lines.push(`${dim("resources")} ${JSON.stringify({ ...resources, ...job.resources })}`);
  lines.push(`${dim("retry")}     ${JSON.stringify(retry)}`, `${dim("recipe")}    ${job.recipe.digest}`, "");
  context.out(lines.join("\n"));
  if (resolved) context.out((await import("../format/resolved.ts")).formatResolved(resolved.site, resolved.fields, context.palette)); // prettier-ignore
  return EXIT.ok;
}

/** Those of a saved plan. */
function refusePlanOptions({ verbose, list, format, stage, where, reason }: ShownAs & SelectionOptions): void {
  const given = Object.entries({ "-v": verbose, "--list": list, "--format": format === "json" ? undefined : format, "--stage": stage, "--where": where, "--reason": reason }); // prettier-ignore
  const flags = given.flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  if (flags.length > 0)
    fail({ code: "cli/usage", message: `${flags.join(", ")}: of a saved plan, not of a job`, remedy: "Name the file of a saved plan, or leave it out." }); // prettier-ignore
}

/** Loaded when asked for: nothing else of `show` needs a site. */
async function onSite(
  context: Context,
  name: string | undefined,
  ir: CampaignIR,
  { stage }: StageTable,
  job: ResourcesIR = {},
) {
  if (name === undefined) return undefined;
  const [{ explainSite }, { resolvedFields }] = await Promise.all([
    import("../../site/load.ts"),
    import("../../site/origins.ts"),
  ]);
  const explained = await explainSite(name, context.cwd);
  return { site: explained.site.name, fields: resolvedFields(explained, ir, stage, job) };
}

function inputText(input: JobInput): string {
  if (input.kind === "file") return input.path;
  const paths =
    input.kind === "files" ? input.paths : input.elements.map((element) => `${element.path} (${element.key})`);
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : "";
  return `${paths.slice(0, SHOWN).join(", ")}${more}`;
}
