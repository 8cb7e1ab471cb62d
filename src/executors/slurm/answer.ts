// What a call of a SLURM program came to, and the failures all programs share. Texts in, values out; spawning is in call.ts.

/** One call, as it ended. */
export interface Ran {
  readonly program: string;
  /** Null: it was ended by a signal, or never ran. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Our own limit ended it. What it had asked of the controller may have happened. */
  readonly timedOut: boolean;
  /** It wrote more than we take, or a child of its own holds its output: what we have is not all. */
  readonly overflow?: boolean;
  /** There is no such program on PATH. */
  readonly absent?: boolean;
  /** The system did not let us start it, e.g. too many processes of this user on a login node. */
  readonly notStarted?: string;
  readonly seconds: number;
}

/** Why a question has no answer. Never to be read as: the queue is empty. */
export type Failure =
  /** The controller or the database does not answer, or not in time: ask again later. */
  | { readonly type: "unreachable"; readonly text: string }
  | { readonly type: "absent"; readonly program: string; readonly text: string }
  /** It answered, and not with what was asked for. */
  | { readonly type: "failed"; readonly text: string };

export type Answer<T> = { readonly type: "ok"; readonly value: T } | Failure;

/** SLURM 22.05 to 25.05, src/common/slurm_errno.c, and the clients' own texts. */
const UNREACHABLE =
  /Unable to contact slurm controller|Socket timed out|Zero Bytes were transmitted|Connection (refused|reset|timed out)|(Message|Communication) \w+ failure|Problem talking to the database|standby mode|Rate limit exceeded|Resource temporarily unavailable|Could not establish a configuration source|Unable to process configuration file|Protocol authentication error|Munge \w+ failed|Transport endpoint is not connected|No route to host/i;

/** Undefined: it succeeded. */
export function failureOf(ran: Ran): Failure | undefined {
  if (ran.absent) return absent(ran.program);
  if (ran.notStarted !== undefined) return { type: "unreachable", text: ran.notStarted };
  const text = messageOf(ran);
  if (ran.timedOut)
    return { type: "unreachable", text: `no answer within ${ran.seconds.toFixed(0)} s` + (text && `: ${text}`) };
  // A list that was cut short would look like jobs that are gone.
  if (ran.overflow) return { type: "failed", text: "its answer did not arrive whole" };
  if (ran.code === 0) return undefined;
  if (UNREACHABLE.test(text)) return { type: "unreachable", text };
  return { type: "failed", text: text || `${ran.program} ended with ${ran.code ?? "a signal"} and said nothing` };
}

export function absent(program: string): Extract<Failure, { type: "absent" }> {
  return { type: "absent", program, text: `there is no program ${program} on PATH` };
}

/** What it said, for people: stderr, or stdout where that is empty; at most 2,000 characters. */
export function messageOf({ stdout, stderr }: Pick<Ran, "stdout" | "stderr">): string {
  const text = stderr.trim() || stdout.trim();
  return text.length > 2000 ? `${text.slice(0, 2000)}...` : text;
}

export function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

/** SLURM prints what is not there as one of these; `(null)` is glibc's word where the client did not look. */
export function given(text: string): string | undefined {
  return text === "" || text === "(null)" || text === "N/A" || text === "None" ? undefined : text;
}
