// A status as text: a line a stage with a bar, run times, failures, gates. Pure strings.
import type { ClusterStatus } from "../../apply/cluster-status.ts";
import type { Palette } from "../../diagnostics/palette.ts";
import type { Failure } from "../../insight/findings.ts";
import { type Standing, STANDINGS } from "../../insight/standing.ts";
import type { StageStatus, Status } from "../../insight/status.ts";
import { rampNext } from "../../plan/narrow/ramp-text.ts";
import type { RampStanding } from "../../plan/types.ts";
import { instant, jobs } from "./amount.ts";
import { hang, padEnd, padStart } from "./columns.ts";
import { progressLines, queueLines, standingText } from "./cluster-status.ts";
import { count, duration } from "./quantity.ts";

interface Look {
  readonly palette: Palette;
  readonly width: number;
}

interface Place {
  readonly root: string;
  readonly now: number;
  /** Absent: nothing is in progress on a cluster. */
  readonly cluster?: ClusterStatus;
  /** Absent: the campaign has no ramp. */
  readonly ramp?: RampStanding;
  readonly lock?: {
    readonly id: string;
    readonly user: string;
    readonly host: string;
    readonly pid: number;
    readonly command: string;
    readonly abandoned: boolean;
  };
}

const BAR = 20;
const SHOWN_FAILURES = 5;
const SHOWN_GATES = 8;

/** Ends with a newline. */
export function formatStatus(status: Status, place: Place, look: Look): string {
  const { palette } = look;
  const { total } = status;
  const lines = [
    `${palette.bold(`${status.campaign} ${status.version}`)}  ${count(total.done)} of ${jobs(total.jobs)} done  ${palette.dim(place.root)}`,
  ];
  lines.push(...runLines(status, place, palette));
  const { cluster, now } = place;
  if (cluster) lines.push(...progressLines(cluster, now, look));
  lines.push("");
  const width = Math.max(...status.stages.map((stage) => stage.stage.length));
  for (const stage of status.stages) lines.push(stageLine(stage, width, palette));
  const queue = cluster ? queueLines(cluster, status, now, look) : reasonLines(status, look);
  const ramp = rampLines(place, look);
  lines.push("", ...ramp, ...queue, ...failureLines(status.failures, look), ...gateLines(status, look), nextLine(status, cluster), ""); // prettier-ignore
  return lines.join("\n");
}

function runLines({ live, run, rate }: Status, { lock, cluster }: Place, palette: Palette): string[] {
  const lines: string[] = [];
  if (lock)
    lines.push(
      lock.abandoned
        ? palette.yellow(
            `Lock ${lock.id} is abandoned (${lock.command}, pid ${lock.pid} on ${lock.host} is gone); the next apply takes it over.`,
          )
        : `${palette.green("Running:")} ${lock.command} by ${lock.user}@${lock.host}, pid ${lock.pid}, lock ${lock.id}`,
    );
  if (rate) lines.push(`Rate: ${rate.jobsPerMinute.toFixed(1)} jobs/min, ETA ${duration(rate.etaSeconds)}`);
  if (run?.start && !live && !cluster)
    lines.push(
      `Last apply: ${instant(run.start.at)} by ${run.start.user}@${run.start.host}, ${run.end ? run.end.outcome : palette.yellow("did not finish (killed?)")}`,
    );
  if (!run) lines.push("Never applied.");
  return lines;
}

function stageLine({ stage, counts, runTimes }: StageStatus, width: number, palette: Palette): string {
  const filled = counts.jobs === 0 ? 0 : Math.floor((counts.done / counts.jobs) * BAR);
  const bar = palette.green("#".repeat(filled)) + palette.dim("-".repeat(BAR - filled));
  const rest = STANDINGS.filter((name) => name !== "done" && counts[name] > 0).map((name) =>
    (BAD.has(name) ? palette.red : palette.dim)(`${count(counts[name])} ${standingText(name)}`),
  );
  const times = runTimes ? palette.dim(`  run ${duration(runTimes.median)} median, ${duration(runTimes.p99)} p99`) : "";
  return `  ${padEnd(stage, width)}  ${bar} ${padStart(count(counts.done), 6)}/${count(counts.jobs)}${rest.length > 0 ? `  ${rest.join(", ")}` : ""}${times}`;
}

const BAD: ReadonlySet<Standing> = new Set(["held", "failed", "blocked", "unknown"]);

function rampLines({ ramp }: Place, { width }: Look): string[] {
  if (!ramp) return [];
  const lines = rampNext(ramp, "`cmc apply`", '`cmc release --ramp --because "..."`');
  return lines.length === 0 ? [] : [...lines.map((line) => hang("", line, width)), ""];
}

/** Outside of a run nothing but a hold or a doubt has a reason of its own. */
function reasonLines({ reasons }: Status, { palette, width }: Look): string[] {
  return [true, false].flatMap((held) => {
    const told = reasons.filter(({ standing }) => (standing === "held") === held);
    if (told.length === 0) return [];
    const lines = told.slice(0, SHOWN_GATES).map(({ reason, jobs: n }) => hang("  ", `${count(n)}: ${reason}`, width));
    return [palette.bold(held ? "Held" : "Doubted"), ...lines, ""];
  });
}

function failureLines(failures: readonly Failure[], { palette, width }: Look): string[] {
  if (failures.length === 0) return [];
  const lines = [palette.bold(`${jobs(failures.length)} failed`)];
  for (const failure of failures.slice(0, SHOWN_FAILURES)) {
    lines.push(
      hang(
        "  ",
        `${palette.red(failure.class)} ${failure.key} (${failure.failures} tries, ${failure.node ?? "?"}): ${failure.message}`,
        width,
      ),
    );
    for (const line of (failure.logTail ?? "").trimEnd().split("\n").slice(-3)) if (line) lines.push(palette.dim(`      | ${line}`)); // prettier-ignore
  }
  if (failures.length > SHOWN_FAILURES)
    lines.push(palette.dim(`  and ${count(failures.length - SHOWN_FAILURES)} more: --json lists all`));
  return [...lines, ""];
}

function gateLines({ gates }: Status, { palette, width }: Look): string[] {
  if (gates.length === 0) return [];
  const lines = [palette.bold("Gates that did not pass")];
  for (const gate of gates.slice(0, SHOWN_GATES))
    lines.push(
      hang(
        "  ",
        `${gate.level === "fail" ? palette.red("fail") : palette.yellow("warn")} ${gate.gate} of ${gate.key}: ${gate.message}`,
        width,
      ),
    );
  if (gates.length > SHOWN_GATES)
    lines.push(palette.dim(`  and ${count(gates.length - SHOWN_GATES)} more: --json lists all`));
  return [...lines, ""];
}

function nextLine({ total, live }: Status, cluster: ClusterStatus | undefined): string {
  if (cluster)
    return total.held + total.failed > 0
      ? "Next: `cmc explain JOB` and `cmc logs JOB`; `cmc release --because ...` lets held jobs run, `cmc retry --because ...` failed ones."
      : "Next: nothing; ticks carry it on. `cmc tick` takes a turn now, `cmc cancel` takes jobs back.";
  if (live) return "Next: `cmc cancel` stops it after its running jobs.";
  if (total.held > 0) return "Next: `cmc release --because ...` lets go of what is held, and `cmc apply` runs it.";
  if (total.failed > 0)
    return "Next: `cmc explain JOB`, then correct the cause and `cmc apply`, or `cmc retry --because ...`.";
  if (total.done < total.jobs) return "Next: `cmc plan`, `cmc apply`.";
  return "Everything is done. `cmc plan` checks that the outputs are still what the receipts say.";
}
