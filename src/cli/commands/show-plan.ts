// cmc show FILE: a saved plan as `cmc plan` printed it, and whence it comes. Looks at nothing but the file: what has moved since, apply says.
import { resolve } from "node:path";
import { isPlanFile, readPlanFile } from "../../apply/plan-file.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { emptyState } from "../../state/reduce.ts";
import type { Context } from "../context.ts";
import { formatOrigin, markdownOrigin, originObject } from "../format/saved-plan.ts";
import { printJson } from "../json-output.ts";
import { filterSelection, type SelectionOptions } from "../selection.ts";
import { refuseAsPlan, refuseOptions } from "../saved-plan.ts";
import { printJobs, refuseListAsTable, showPreview, type ShownAs } from "./plan.ts";

/** Not --state: how jobs stand now is not in the file. */
const ALLOWED: ReadonlySet<string> = new Set(["json", "format", "verbose", "list", "stage", "where", "reason"]);

/** Undefined: the file is no saved plan, and its name may be a job's. */
export async function showPlanFile(
  context: Context,
  named: string,
  campaign: string | undefined,
  options: ShownAs & SelectionOptions,
): Promise<number | undefined> {
  const path = resolve(context.cwd, named);
  if (!isPlanFile(path)) {
    // No key of a job has a slash outside its brackets, or a dot.
    if (/^[^[]*[./]/.test(named)) refuseAsPlan(path, named, "is no saved plan");
    return undefined;
  }
  if (campaign !== undefined)
    fail({ code: "cli/usage", message: `${named} is a saved plan: it holds its campaign`, remedy: `Leave ${campaign} out.` }); // prettier-ignore
  refuseOptions(named, options, ALLOWED);
  refuseListAsTable({ list: options.list, format: options.format });
  const file = readPlanFile(path, named);
  const { plan, site } = file.saved;
  const selection = filterSelection(plan.table, options);
  await printJobs(context, file.saved.root, { plan, state: emptyState() }, selection, undefined, options);
  if (options.list) return EXIT.ok;
  await showPreview(context, plan, site.value, options);
  if (options.json) printJson(context, [originObject(file)]);
  else context.out(options.format === "markdown" ? markdownOrigin(file) : formatOrigin(file, context));
  return EXIT.ok;
}
