// What an answer of sbatch means: submitted, refused and why, or nobody knows. The texts are SLURM's (22.05 to 25.05); no call here.
import { absent, type Failure, failureOf, messageOf, type Ran } from "./answer.ts";

export type SubmitAnswer =
  /** Not safe for about 5 s: a controller that dies meanwhile forgets the job and gives its number to the next one (22.05). */
  | { readonly type: "submitted"; readonly jobId: number; readonly cluster?: string }
  | Refused
  /** The job may exist, or come to exist. Look for its name, in the queue and in accounting, before anything is submitted again. */
  | { readonly type: "uncertain"; readonly text: string; readonly likely?: "wait" }
  /** No controller has seen it: it may be submitted again. */
  | { readonly type: "unreachable"; readonly text: string }
  | Extract<Failure, { type: "absent" }>;

/** There is no job. */
export interface Refused {
  readonly type: "refused";
  /** `wait`: the same submission may be accepted later. `budget`: when there are hours again. `configuration`: when somebody changes it. */
  readonly kind: "wait" | "budget" | "configuration";
  readonly text: string;
  /** The limit, where SLURM names it: `QOSMaxSubmitJobPerUserLimit`. */
  readonly limit?: string;
}

/** What follows `Batch job submission failed: `. Everything that is not here was said by a controller, and needs somebody: configuration. */
const WAIT = [
  "Resource temporarily unavailable", // MaxJobCount, after 15 tries of sbatch's own in 120 s
  "Required partition not available (inactive or drain)",
  "Partition in DOWN state",
  "System submissions disabled",
  "Unable to create job record, try again",
  "I/O error writing script/environment to file", // the controller's disk is full
  "Requested nodes are busy",
  "Required node not available (down, drained or reserved)",
  "Requested reservation is in use",
  "Requested reservation not usable now",
  "Job can not start due to maintenance reservation.",
  "Licenses currently unavailable",
  "Rate limit exceeded, please retry momentarily",
  "Rate limit exceeded, please retry later",
];
const BUDGET = ["Requested account has breached requested QOS usage threshold"];
const POLICY = /^Job violates accounting\/QOS policy/;
/** Before a connection was made (src/common/slurm_protocol_api.c, slurm_open_controller_conn), or by a controller that is not in charge. */
const UNSEEN = /^Unable to contact slurm controller \(connect failure\)|standby mode/;
/** After the request may have gone out, or on the way back. A job refused for lack of an answer has been seen to run. */
const LOST =
  /^(Socket timed out|Unable to contact slurm controller|(Message|Communication) \w+ failure|Zero Bytes|Protocol authentication error|Unexpected (message|missing)|Insane message length|Connection |Broken pipe|Transport endpoint|Network |Operation |Interrupted system call)/;
/** sbatch has not come so far as to ask. */
const NO_CONTROLLER =
  /Unable to process configuration file|Could not establish a configuration source|Munge encode failed/;
const OWN_RETRY = /temporarily unable to accept job|job queue full|Job creation temporarily disabled/;
/** sbatch's own words on options and scripts (exit 1 or 255). */
const OWN_FAULT =
  /^(sbatch: (error|fatal|unrecognized|option|invalid|ambiguous)|allocation failure:|Try "sbatch --help")/m;
const LIMIT = /^(?:sbatch: error: )?((?:Assoc|QOS|Max)[A-Za-z]+)$/m;
/** What sites' job_submit plugins say when an account has nothing left. */
const SITE_BUDGET =
  /\bbalance\b|\bbudget\b|out of (hours|credits)|(allocation|project|account)\b.*\b(exhausted|overdrawn|expired)/i;

export function classifySbatch(ran: Ran): SubmitAnswer {
  if (ran.absent) return absent(ran.program);
  if (ran.notStarted !== undefined) return { type: "unreachable", text: ran.notStarted };
  const accepted = jobOf(ran.stdout);
  // A number is a number, whatever happened to sbatch afterwards.
  if (accepted) return accepted;
  const text = messageOf(ran);
  if (ran.timedOut || ran.code === null) {
    const why = ran.timedOut ? `no answer within ${ran.seconds.toFixed(0)} s` : "ended by a signal";
    const waiting = OWN_RETRY.test(ran.stderr);
    return { type: "uncertain", text: text ? `${why}: ${text}` : why, ...(waiting ? { likely: "wait" } : {}) };
  }
  if (ran.code === 0) return { type: "uncertain", text: text || "it succeeded and gave no job number" };
  if (NO_CONTROLLER.test(ran.stderr)) return { type: "unreachable", text };
  return failure(ran.stderr, text);
}

function failure(stderr: string, text: string): SubmitAnswer {
  const said = /(?:Batch job submission failed|allocation failure): (.*)/.exec(stderr)?.[1]?.trim();
  if (said === undefined)
    return OWN_FAULT.test(stderr)
      ? { type: "refused", kind: "configuration", text }
      : { type: "uncertain", text: text || "it failed and said nothing" };
  if (UNSEEN.test(said)) return { type: "unreachable", text };
  if (LOST.test(said)) return { type: "uncertain", text };
  const limit = LIMIT.exec(stderr)?.[1];
  if (POLICY.test(said)) return { type: "refused", kind: limitKind(limit), text, ...(limit ? { limit } : {}) };
  if (WAIT.includes(said)) return { type: "refused", kind: "wait", text };
  const budget = BUDGET.includes(said) || (said === "Unspecified error" && SITE_BUDGET.test(stderr));
  return { type: "refused", kind: budget ? "budget" : "configuration", text };
}

/**
 * Limits on the number of jobs pass when jobs end; minutes of a group are its hours; all else (DenyOnLimit) is the job's own size,
 * also the minutes of one job (QOSMaxCpuMinutesPerJobLimit) and of all that run at once (AssocGrpCPURunMinutesLimit).
 * A SLURM that names no limit refuses for the number of jobs, unless DenyOnLimit is set: that may pass.
 */
export function limitKind(limit: string | undefined): Refused["kind"] {
  if (limit === undefined || /Submit/.test(limit)) return "wait";
  return /Grp(?!.*Run).*Minutes/.test(limit) ? "budget" : "configuration";
}

/** The last line that is an answer: sites' wrappers print before it. `17`, `17;cluster`, `Submitted batch job 17 on cluster c`. */
function jobOf(stdout: string): Extract<SubmitAnswer, { type: "submitted" }> | undefined {
  const lines = [...stdout.matchAll(/^(?:Submitted batch job )?(\d+)(?:(?:;| on cluster )(\S+))?\s*$/gm)];
  const [, jobId, cluster] = lines.at(-1) ?? [];
  return jobId === undefined ? undefined : { type: "submitted", jobId: Number(jobId), ...(cluster ? { cluster } : {}) };
}

export type TestAnswer =
  | {
      readonly type: "fits";
      /** Seconds since 1970, as the scheduler guesses. */ readonly start?: number;
      readonly text: string;
    }
  | Refused
  | Failure;

/** `sbatch: Job 34 to start at 1780000000 using 1 processors on nodes node1 in partition main`, on stderr, also with --parsable (22.05). */
export function classifyTest(ran: Ran): TestAnswer {
  const text = messageOf(ran);
  const start = /to start at (\d+) /.exec(ran.stderr)?.[1];
  if (ran.code === 0) return { type: "fits", ...(start ? { start: Number(start) } : {}), text };
  const answer = classifySbatch({ ...ran, stdout: "" });
  if (answer.type === "refused" || answer.type === "unreachable" || answer.type === "absent") return answer;
  return failureOf(ran) ?? { type: "failed", text };
}
