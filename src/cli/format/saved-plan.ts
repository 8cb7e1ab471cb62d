// Whence a saved plan comes: when, by whom, with what, for which root and site. Pure strings and objects.
import type { PlanFile } from "../../apply/plan-file.ts";
import type { Palette } from "../../diagnostics/palette.ts";
import { instant } from "./amount.ts";
import { code } from "./plan-markdown.ts";
import { hang } from "./columns.ts";

type Line = readonly [name: string, text: string];

export function formatOrigin(file: PlanFile, { palette, width }: { palette: Palette; width: number }): string {
  return `\n${linesOf(file).map(([name, text]) => `${hang(palette.dim(name.padEnd(9)), text, width)}\n`).join("")}`; // prettier-ignore
}

export function markdownOrigin(file: PlanFile): string {
  return `\n${linesOf(file).map(([name, text]) => `- ${name}: ${code(text)}\n`).join("")}`; // prettier-ignore
}

function linesOf({ saved, id }: PlanFile): readonly Line[] {
  const { made, tool, root, site, campaignDir, digests } = saved;
  return [
    ["saved", `${instant(made.at)} by ${made.user}@${made.host}, cmc ${tool}`],
    ["command", `${made.command} (in ${made.cwd})`],
    ["root", root],
    ["site", site.value.name === site.profile ? site.profile : `${site.value.name} (${site.profile})`],
    ["campaign", `${campaignDir}${gitText(saved)}`],
    ["plan", `${id.slice(0, 12)}, bundle ${digests.bundle.slice(0, 12)}`],
  ];
}

function gitText({ source: { git } }: PlanFile["saved"]): string {
  if (!git) return "";
  const { commit, branch, dirty, changes } = git;
  const at = commit === undefined ? "" : `, commit ${commit.slice(0, 12)}${branch === undefined ? "" : ` on ${branch}`}`; // prettier-ignore
  const uncommitted = changes === 1 ? "an uncommitted change" : `${changes} uncommitted changes`;
  return changes === 0 ? at : `${at}, with ${uncommitted}: ${dirty.slice(0, 3).join(", ")}${changes > 3 ? ` and ${changes - 3} more` : ""}`; // prettier-ignore
}

export function originObject({ saved, id }: PlanFile): object {
  const { made, tool, root, campaignDir, site, options, digests, source, sources } = saved;
  const { at, user, host, command, cwd } = made;
  return {
    type: "saved-plan", id, at: new Date(at).toISOString(), user, host, tool, command, cwd, root, campaignDir, options, digests,
    site: { name: site.value.name, profile: site.profile },
    sources: Object.fromEntries(sources.contents),
    ...source,
  }; // prettier-ignore
}
