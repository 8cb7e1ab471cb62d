// SLURM's job states, long and short, in four phases. Not what becomes of a campaign's job: that needs its receipts.
import type { ExitStatus } from "./exit-status.ts";

export type EndClass =
  | "completed" | "failed" | "oom" | "timeout" | "node_fail" | "preempted" | "boot_fail" | "deadline" | "cancelled"
  | "requeued" | "launch_failure" | "killed" | "special_exit" | "revoked"; // prettier-ignore

export type JobState =
  | { readonly phase: "pending" | "running" | "ending"; readonly name: string }
  | { readonly phase: "ended"; readonly name: string; readonly class: EndClass }
  /** A state of a SLURM that is newer than this table, or a damaged line. Never to be taken for an end. */
  | { readonly phase: "unknown"; readonly name: string };

type Entry =
  readonly [short: string, phase: "pending" | "running" | "ending"] | readonly [short: string, "ended", EndClass];

/** SLURM 22.05 to 26.05, job_state_string and job_state_string_complete (src/common/slurm_protocol_defs.c). */
const STATES: Readonly<Record<string, Entry>> = {
  PENDING: ["PD", "pending"],
  RECONFIG_FAIL: ["", "pending"],
  REQUEUE_FED: ["RF", "pending"],
  REQUEUE_HOLD: ["RH", "pending"],
  RESV_DEL_HOLD: ["RD", "pending"],
  CONFIGURING: ["CF", "running"],
  POWER_UP_NODE: ["", "running"],
  RESIZING: ["RS", "running"],
  RUNNING: ["R", "running"],
  SIGNALING: ["SI", "running"],
  STOPPED: ["ST", "running"],
  SUSPENDED: ["S", "running"],
  COMPLETING: ["CG", "ending"],
  EXPEDITING: ["", "ending"],
  STAGE_OUT: ["SO", "ending"],
  BOOT_FAIL: ["BF", "ended", "boot_fail"],
  CANCELLED: ["CA", "ended", "cancelled"],
  COMPLETED: ["CD", "ended", "completed"],
  DEADLINE: ["DL", "ended", "deadline"],
  FAILED: ["F", "ended", "failed"],
  LAUNCH_FAILED: ["", "ended", "launch_failure"],
  NODE_FAIL: ["NF", "ended", "node_fail"],
  OUT_OF_MEMORY: ["OOM", "ended", "oom"],
  PREEMPTED: ["PR", "ended", "preempted"],
  REQUEUED: ["RQ", "ended", "requeued"],
  REVOKED: ["RV", "ended", "revoked"],
  SPECIAL_EXIT: ["SE", "ended", "special_exit"],
  TIMEOUT: ["TO", "ended", "timeout"],
};

const LONG = new Map(Object.entries(STATES).flatMap(([long, [short]]) => (short === "" ? [] : [[short, long]])));

/**
 * @param text as squeue or sacct prints it; sacct says who: `CANCELLED by 1000`
 * @param exit where it is known: a job that could not be started is FAILED, too, and one that a signal has ended
 */
export function stateOf(text: string, exit?: ExitStatus): JobState {
  const word = text.trim().replace(/^CANCELLED by .*/, "CANCELLED");
  const name = LONG.get(word) ?? word;
  const entry = Object.hasOwn(STATES, name) ? STATES[name]! : undefined;
  if (!entry) return { phase: "unknown", name: text };
  if (entry[1] !== "ended") return { phase: entry[1], name };
  if (name !== "FAILED" || !exit) return { phase: "ended", name, class: entry[2] };
  return { phase: "ended", name, class: neverStarted(exit) ? "launch_failure" : isKilled(exit) ? "killed" : "failed" };
}

/**
 * The attempt has ended, the task has not: it is in the queue again (requeued) or waits there for a release (special exit).
 * A preempted task or one whose node failed may return too; only a further row, or the queue, tells.
 */
export function comesBack(state: JobState): boolean {
  return state.phase === "ended" && (state.class === "requeued" || state.class === "special_exit");
}

/** Exit 0:53, e.g. an output path that cannot be written. The reason JobLaunchFailure alone says nothing: 22.05 gives it to scripts ended by a signal too. */
function neverStarted({ code, signal }: ExitStatus): boolean {
  return code === 0 && signal === 53;
}

/** Signals end at 64, and SLURM's own numbers begin at 53. */
function isKilled({ signal }: ExitStatus): boolean {
  return signal > 0 && signal < 53;
}
