// An explanation as text: one section a question, empty sections left out. Pure strings.
import { grouped } from "../../plan/grouped.ts";
import type { ClusterJob } from "../../apply/cluster-jobs.ts";
import type { Palette } from "../../diagnostics/palette.ts";
import type { ResourcesIR } from "../../ir/stage.ts";
import type { Explanation, UpstreamSeen } from "../../plan/explain.ts";
import { quoted } from "../../plan/shell.ts";
import { type Attempt, runSeconds } from "../../state/attempt.ts";
import { instant, moment } from "./amount.ts";
import { hang, padEnd } from "./columns.ts";
import { detailText } from "./detail.ts";
import { handsText } from "./hands.ts";
import { bytes, duration } from "./quantity.ts";
import { markOf, paint, SYMBOLS } from "./symbols.ts";

interface Look {
  readonly palette: Palette;
  readonly width: number;
}

/** What a run in progress on a cluster, or a hold, says of the job. */
export interface JobProgress {
  /** Absent: it is in no run that is in progress. */
  readonly job?: ClusterJob;
  readonly held?: { readonly at: number; readonly reason: string; readonly log?: string };
  readonly lane?: string;
  /** ms since 1970: what is said of the queue is as of then. */
  readonly seenAt?: number;
}

/** Ends with a newline. */
export function formatExplanation(
  job: Explanation,
  look: Look,
  progress?: JobProgress & { readonly now: number },
): string {
  const { palette } = look;
  const own = markOf(job.action, job.reason);
  const { mark } = SYMBOLS[own];
  const title = `${palette.bold(job.key)}  ${paint(palette, own, `${mark ? `${mark} ` : ""}${job.action} (${job.reason})`)}`;
  const sections = [
    section("why", job.details.map((detail) => detailText(detail)), look),
    section("progress", progress ? progressLines(progress) : [], look),
    section("inputs", inputLines(job.inputs), look),
    section("upstream", job.upstream.flatMap(upstreamLines), look),
    section("outputs", job.outputs.map(outputLine), look),
    section("runs", runLines(job), look, false),
    section("resources", [resourcesLine(job.resources), retryLine(job)], look),
    section("attempts", job.attempts.flatMap((attempt) => attemptLines(attempt, palette, job)), look, false),
    section("said", job.said.map(saidLine), look),
    section("next", job.next, look, false),
  ]; // prettier-ignore
  return `${[title, ...sections.filter((text) => text !== "")].join("\n\n")}\n`;
}

/** Commands are not broken: they are to be copied. */
function section(name: string, lines: readonly string[], { palette, width }: Look, wrap = true): string {
  if (lines.length === 0) return "";
  const body = lines.map((line) => (wrap ? hang("  ", line, width) : `  ${line}`.trimEnd()));
  return [palette.cyan(name), ...body].join("\n");
}

function progressLines({ job, held, lane, seenAt, now }: JobProgress & { readonly now: number }): string[] {
  const seen = job?.place && seenAt !== undefined ? ` (the queue as of ${instant(seenAt)}, ${duration(Math.max(0, now - seenAt) / 1000)} ago)` : ""; // prettier-ignore
  const through = lane === undefined ? "" : `, lane ${lane}`;
  const hold = job?.standing === "held" ? [] : [job];
  return [
    ...hold.flatMap((one) => (one ? [`${handsText(one, now)}${through}${seen}`] : [])),
    ...(held ? [`held since ${instant(held.at)}: ${held.reason}`] : []),
  ];
}

/** Files shown: all that are missing, and so many of the others. */
const SHOWN = 5;

function inputLines(inputs: Explanation["inputs"]): string[] {
  const missing = inputs.filter((input) => !input.seen);
  const there = inputs.filter((input) => input.seen);
  const rest = there.slice(SHOWN);
  const size = rest.reduce((sum, input) => sum + input.seen!.size, 0);
  const more = rest.length === 0 ? [] : [`and ${grouped(rest.length)} more that are there, ${bytes(size)}`];
  return [...[...missing, ...there.slice(0, SHOWN)].map(inputLine), ...more];
}

function inputLine({ port, path, seen, optional }: Explanation["inputs"][number]): string {
  return `${port}: ${path}  ${seen ? `${bytes(seen.size)}, ${moment(seen.mtime)}` : optional ? "not there (optional)" : "NOT THERE"}`;
}

function upstreamLines({ port, stage, join, jobs, used, actions, first }: UpstreamSeen): string[] {
  const states = Object.entries(actions).map(([action, number]) => `${grouped(number)} ${action}`);
  const lines = first.map(({ key, action, reason }) => `  ${key}  ${action} (${reason})`);
  if (join === "each") return [`${port}: ${lines[0]?.trim() ?? ""}`];
  return [
    `${port}: ${grouped(jobs)} jobs of ${stage} (${join}): ${states.join(", ")}${used === undefined ? "" : `; made from ${grouped(used)} of them`}`,
    ...lines,
    ...(jobs > first.length ? [`  and ${grouped(jobs - first.length)} more`] : []),
  ];
}

function outputLine({ name, path, seen, recorded }: Explanation["outputs"][number]): string {
  if (!seen) return `${name}: ${path}  ${recorded ? "NOT THERE, although a receipt vouches for it" : "not made yet"}`;
  const files = seen.files === undefined ? "" : `, ${grouped(seen.files)} files`;
  return `${name}: ${path}  ${bytes(seen.size)}${files}, ${moment(seen.mtime)}${recorded ? "" : ", without a receipt"}`;
}

function runLines({ run, params }: Explanation): string[] {
  const values = JSON.stringify(params) === "{}" ? [] : [`params ${JSON.stringify(params)}`];
  if (run.kind === "task") return [`task ${run.entry}`, ...values];
  return [`command ${run.argv.map(quoted).join(" ")}`, ...(run.shell ? [`by hand: ${run.shell}`] : []), ...values];
}

function resourcesLine({ walltime, memory, cpus, gpus, nodes, tasks, jobType }: ResourcesIR): string {
  const parts = [
    walltime === undefined ? "no time limit" : `at most ${duration(walltime)}`,
    ...(memory === undefined ? [] : [bytes(memory)]),
    ...(cpus === undefined ? [] : [`${cpus} cpus`]),
    ...(gpus === undefined ? [] : [`${gpus} gpus`]),
    ...(nodes === undefined ? [] : [`${nodes} nodes`]),
    ...(tasks === undefined ? [] : [`${tasks} tasks`]),
    ...(jobType === undefined ? [] : [jobType]),
  ];
  return parts.join(", ");
}

function retryLine({ retry: { attempts, failures, left } }: Explanation): string {
  const tries = `${attempts} ${attempts === 1 ? "try" : "tries"}`;
  return failures === 0 ? tries : `${tries}, ${failures} failed, ${left} left`;
}

/** Log tails keep their line breaks: they are evidence, not prose. */
function attemptLines(attempt: Attempt, palette: Palette, { reason, forgotten }: Explanation): string[] {
  const { end, startedAt, host } = attempt;
  const when = startedAt === undefined ? "" : instant(startedAt);
  const ran = runSeconds(attempt);
  const how = !end
    ? palette.yellow(reason === "running" ? "running" : "running or lost")
    : end.class === "ok"
      ? palette.green("ok")
      : palette.red(end.class);
  const code = end?.exit !== undefined ? `exit ${end.exit}` : (end?.signal ?? "");
  const facts = [
    when,
    host,
    code,
    ran === undefined ? "" : duration(ran),
    end?.peakMemory === undefined ? "" : `${bytes(end.peakMemory)} at most`,
    end && forgotten.includes(attempt.attemptId) ? "forgotten" : "",
  ].filter((text) => text);
  const head = `${padEnd(`#${attempt.attempt}`, 3)} ${padEnd(how, 10)} ${palette.dim(facts.join("  "))}`;
  if (!end || end.class === "ok") return [head];
  const checks = [...(end.checks ?? []), ...(end.gates ?? [])]
    .filter((check) => !check.passed && !end.message.includes(check.message))
    .map((check) => `    ${check.message}`);
  const tail = end.logTail ? end.logTail.trimEnd().split("\n").map((line) => `    ${palette.dim("|")} ${line}`) : []; // prettier-ignore
  return [
    head,
    `    ${end.message}`,
    ...checks,
    ...tail,
    ...(end.log ? [`    ${palette.dim(`log: ${end.log.file}`)}`] : []),
  ];
}

/** `2026-11-20T16:53:49Z  block by ada: the halo file is wrong`. */
function saidLine({ verb, at, user, reason }: Explanation["said"][number]): string {
  const what = verb === "left" ? "left the campaign" : verb;
  return `${instant(at)}  ${what}${user === undefined ? "" : ` by ${user}`}${reason === undefined ? "" : `: ${reason}`}`;
}
