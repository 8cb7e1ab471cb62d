// cmc check: type-checks a campaign and says what it is. Writes nothing but caches.
import { EXIT } from "../../diagnostics/exit.ts";
import type { AxisIR, StageIR } from "../../ir/stage.ts";
import { grouped } from "../../plan/grouped.ts";
import type { Context } from "../context.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

export async function check(context: Context, campaign: string | undefined, options: CampaignOptions): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const { ir } = compiled;
  const table = compiled.table();
  if (options.json) {
    const stages = table.stages.map(({ stage, count }) => ({
      type: "stage",
      name: stage.name,
      jobs: count,
      axes: stage.axes.map((a) => a.name),
    }));
    printJson(context, [
      {
        type: "campaign",
        name: ir.name,
        version: ir.version,
        jobs: table.count,
        digest: compiled.digest,
        variables: ir.variables,
      },
      ...stages,
    ]);
    return EXIT.ok;
  }
  const { bold, dim } = context.palette;
  const lines = [
    `${bold(`${ir.name} ${ir.version}`)}  ${grouped(table.count)} jobs  ${dim(compiled.digest.slice(0, 12))}`,
  ];
  if (ir.description) lines.push(ir.description);
  for (const [name, value] of Object.entries(ir.variables))
    lines.push(`  ${dim("variable")} ${name} = ${JSON.stringify(value)}`);
  for (const listing of ir.listings)
    lines.push(`  ${dim("listing")}  ${listing.name}: ${listing.count} files match ${listing.pattern}`);
  table.stages.forEach(({ stage, count }) => lines.push(stageLine(stage, count, bold, dim)));
  lines.push("No problems found.", "");
  context.out(lines.join("\n"));
  return EXIT.ok;
}

function stageLine(stage: StageIR, count: number, bold: (t: string) => string, dim: (t: string) => string): string {
  const axes = stage.axes.map((axis) => `${axis.name} ${axisText(axis)}`).join(" x ") || "one job";
  const from = stage.inputs.flatMap((input) =>
    input.kind === "edge"
      ? [
          `${input.from.stage}.${input.from.output}${input.join === "each" ? "" : ` (${input.join} of ${input.over.join(", ")})`}`,
        ]
      : [],
  );
  const run = stage.run.kind === "task" ? stage.run.entry : "command";
  return `  ${bold(stage.name)}  ${grouped(count)} jobs: ${axes}  ${dim(run)}${from.length > 0 ? `  ${dim(`<- ${from.join(", ")}`)}` : ""}`;
}

function axisText(axis: AxisIR): string {
  const { values } = axis;
  if (values.length <= 4) return `{${values.join(", ")}}`;
  return `{${values[0]!}, ${values[1]!} .. ${values.at(-1)!}} (${values.length})`;
}
