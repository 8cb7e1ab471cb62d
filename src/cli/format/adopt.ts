// What an adoption would do, or did: which jobs, which files, and what is left aside. As text and as objects. Pure.
import { relative } from "node:path";
import type { Adopted } from "../../apply/adoption/adopt.ts";
import type { Way } from "../../apply/adoption/bring.ts";
import type { Decision, PassedOver } from "../../apply/adoption/decide.ts";
import { jobs } from "./amount.ts";
import { hang } from "./columns.ts";
import { count } from "./quantity.ts";
import { jobsAndFirst } from "./verb.ts";

export interface Said {
  readonly user: string;
  readonly reason: string;
  readonly way: Way;
  readonly cwd: string;
  readonly root: string;
}

const SHOWN = 20;
const STRAYS = 3;
const BROUGHT: Readonly<Record<Way, string>> = { link: "linked", copy: "copied", move: "moved" };

const files = (number: number) => `${count(number)} ${number === 1 ? "file" : "files"}`;

/** Ends with a newline. */
export function formatPlanned({ adopt, passed, strays, others }: Decision, said: Said, width: number): string {
  const lines: string[] = [];
  if (adopt.length > 0)
    lines.push(`Would be adopted, once their validators pass: ${jobsAndFirst(adopt.map(({ key }) => key))}.`);
  for (const { key, deliveries } of adopt.slice(0, SHOWN))
    if (deliveries.length === 0) lines.push(`  ${key}`);
    else
      for (const { from, to } of deliveries)
        lines.push(`  ${key}  ${relative(said.cwd, from)} -> ${relative(said.root, to)}`);
  if (adopt.length > SHOWN) lines.push(`  and ${count(adopt.length - SHOWN)} more: --json lists all`);
  const bring = adopt.flatMap(({ deliveries }) => deliveries.filter(({ stands }) => stands === "absent")).length;
  if (bring > 0) lines.push(`${files(bring)} would be ${BROUGHT[said.way]} to their places.`);
  lines.push(...asideLines(passed, strays, others, said, width));
  if (adopt.length === 0) lines.push("There is nothing to adopt.");
  return [...lines, "Nothing was done.", ""].join("\n");
}

/** Ends with a newline. */
export function formatAdopted(adopted: Adopted, said: Said, width: number): string {
  const { decision, passed, brought, copied, takenAway, removed, left } = adopted;
  const keys = decision.adopt.map(({ key }) => key);
  const done = keys.filter((key) => passed.has(key));
  const failed = keys.filter((key) => !passed.has(key));
  const lines = [done.length > 0 ? `Adopted: ${jobsAndFirst(done)}.` : "Nothing was adopted."];
  if (failed.length > 0) lines.push(`Not adopted: ${jobsAndFirst(failed)}; \`cmc explain\` says what is wrong.`);
  if (brought > 0) lines.push(`${files(brought)} brought${copied > 0 && said.way !== "copy" ? `, ${count(copied)} of them as copies: they could not be linked` : ""}.`); // prettier-ignore
  if (takenAway > 0)
    lines.push(`${files(takenAway)} that did not pass taken away again; the originals are as they were.`);
  if (removed > 0) lines.push(`${files(removed)} removed where they had been: they are at their places now.`);
  if (left.length > 0) lines.push(`${files(left.length)} left where they are, because original and copy differ by now: ${left.slice(0, STRAYS).join(", ")}`); // prettier-ignore
  lines.push(...asideLines(decision.passed, decision.strays, decision.others, said, width));
  return [...lines, ""].join("\n");
}

function asideLines(
  passed: readonly PassedOver[],
  strays: readonly string[],
  others: number,
  said: Said,
  width: number,
): string[] {
  const reasons = new Map<string, string[]>();
  for (const { key, why } of passed) reasons.set(why, [...(reasons.get(why) ?? []), key]);
  const lines = [...reasons].map(([why, keys]) => hang("", keys.length === 1 ? `${keys[0]} ${why}` : `${jobs(keys.length)}, ${keys[0]} first, each ${why}`, width)); // prettier-ignore
  if (others > 0) lines.push(`${files(others)} of jobs that are not selected.`);
  if (strays.length === 0) return lines;
  const first = strays.slice(0, STRAYS).map((path) => relative(said.cwd, path));
  const more = strays.length - first.length;
  return [
    ...lines,
    `${files(strays.length)} of no job: ${first.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`,
  ];
}

/** `adopted` absent: nothing was done. */
export function* adoptObjects(decision: Decision, { user, reason }: Said, adopted?: Adopted): Iterable<object> {
  for (const { key, deliveries } of decision.adopt)
    yield {
      type: "adopt",
      key,
      ...(adopted ? { adopted: adopted.passed.has(key) } : {}),
      files: deliveries.map(({ output, from, to }) => ({ output, from, to })),
    };
  for (const { key, why } of decision.passed) yield { type: "passed-over", key, why };
  for (const path of decision.strays) yield { type: "stray", path };
  const { brought = 0, copied = 0, takenAway = 0, removed = 0, left = [] } = adopted ?? {};
  const counts = { jobs: decision.adopt.length, adopted: adopted?.passed.size ?? 0, brought, copied, takenAway, removed, left }; // prettier-ignore
  yield { type: "verb", verb: "adopt", user, reason, ...counts, others: decision.others, recorded: adopted !== undefined && decision.adopt.length > 0 }; // prettier-ignore
}
