// Pass 10: what has arrived since a quorum was gathered. Such a job stays complete; the plan says what it was made from and what more there is.
import type { StageTable } from "../expand/table.ts";
import type { Draft } from "./draft.ts";
import { quorumMembers } from "./gathered.ts";
import type { Members } from "./members.ts";
import { grouped } from "./grouped.ts";
import { quoted } from "./shell.ts";
import type { Gathered } from "./types.ts";

interface Found {
  readonly row: number;
  readonly seen: Gathered;
}

export function arrivals(draft: Draft, stage: StageTable): void {
  const membersOf = quorumMembers(draft, stage);
  if (!membersOf) return;
  const ports = stage.stage.inputs.filter((ir) => ir.kind === "edge");
  const found: Found[] = [];
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    if (!draft.gathered.has(row) || draft.action(row) !== "keep") continue;
    const used = draft.jobs[row]!.receipt!.upstreamUsed!;
    membersOf(i).forEach((members, p) => {
      const { port, from, join } = ports[p]!;
      if (join !== "quorum") return;
      const seen = { port, stage: from.stage, ...look(draft, members, used) };
      if (seen.arrived.length + seen.coming.length + seen.lost.length === 0) return;
      draft.note(row, [{ type: "quorum", ...seen }]);
      found.push({ row, seen });
    });
  }
  for (const port of new Set(found.map(({ seen }) => seen.port)))
    draft.arrivals.push(...notices(draft, stage, found.filter(({ seen }) => seen.port === port))); // prettier-ignore
}

function look(draft: Draft, members: Members, keys: readonly string[]) {
  const used = new Set(keys.flatMap((key) => members.get(key) ?? []));
  const all = new Set(members.values());
  const seen = { arrived: [] as string[], coming: [] as string[], lost: [] as string[] };
  for (const row of all)
    if (used.has(row)) {
      if (draft.stuck(row)) seen.lost.push(draft.key(row));
    } else if (draft.action(row) === "keep") seen.arrived.push(draft.key(row));
    else if (draft.runs(row)) seen.coming.push(draft.key(row));
  return { used: used.size, of: all.size, ...seen };
}

/** `covariance: 3 jobs were made from 95 of 100 jobs of mock; 4 more have arrived since: ...` */
function notices(draft: Draft, { stage }: StageTable, found: readonly Found[]): string[] {
  const more = found.filter(({ seen }) => seen.arrived.length + seen.coming.length > 0);
  const lost = found.filter(({ seen }) => seen.lost.length > 0);
  const lines: string[] = [];
  if (more.length > 0) {
    const all = more.map(({ seen }) => seen);
    const [arrived, coming] = [range(all.map((seen) => seen.arrived.length)), range(all.map((seen) => seen.coming.length))]; // prettier-ignore
    const what = [
      ...(arrived === "0" ? [] : [`${arrived} more ${arrived === "1" ? "has" : "have"} arrived since`]),
      ...(coming === "0" ? [] : [`${coming} more ${coming === "1" ? "is" : "are"} made by this plan`]),
    ];
    const again = more.length === 1 ? quoted(draft.key(more[0]!.row)) : stage.name;
    lines.push(
      `${stage.name}: ${jobs(more.length)} made from ${range(all.map((seen) => seen.used))} of ${range(all.map((seen) => seen.of))} ` +
        `jobs of ${all[0]!.stage}; ${what.join(", ")}: \`cmc apply --replace ${again}\` takes them in.`,
    );
  }
  if (lost.length > 0)
    lines.push(
      `${stage.name}: ${jobs(lost.length)} made from jobs of ${lost[0]!.seen.stage} that cannot be made again, ${lost[0]!.seen.lost[0]!} first; ` +
        `${lost.length === 1 ? "its result is" : "their results are"} kept.`,
    );
  return lines;
}

function jobs(count: number): string {
  return count === 1 ? "1 job was" : `${grouped(count)} jobs were`;
}

/** `95`, `95 to 98`. */
function range(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`;
}
