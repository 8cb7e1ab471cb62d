// What people said of one job, as a list: who, when, what and why. A view over the verbs of the state; nothing is decided by it.
import { compareText } from "./attempt.ts";
import type { EventOf } from "./events.ts";
import type { State, Verb } from "./reduce.ts";

export interface VerbSaid {
  /** `retry`, `accept`, `adopt`, `block`, `release`, `forget`, `cancel`, `verify`; `left`: an apply found it no longer in the campaign. */
  readonly verb: string;
  readonly at: number;
  /** Absent: not known. */
  readonly user?: string;
  /** Absent: none was given. */
  readonly reason?: string;
}

/** Oldest first. `keys`: that of the job, and one it had before. */
export function verbsOn({ verbs, runs }: Pick<State, "verbs" | "runs">, keys: readonly string[]): VerbSaid[] {
  const said = verbs.flatMap((verb): VerbSaid[] => {
    if (verb.type === "cancel-requested" || verb.type === "ramp-released" || !keys.some((key) => isAbout(verb, key)))
      return [];
    const { at } = verb;
    if (verb.type === "jobs-forgotten") return [{ verb: "left", at, ...byUser(runs.get(verb.run)?.start?.user) }];
    return [
      {
        verb: nameOf(verb),
        at,
        ...byUser(verb.user),
        ...(verb.type === "results-verified" ? foundOn(verb, keys) : because(verb)),
      },
    ];
  });
  return said.sort((a, b) => a.at - b.at || compareText(JSON.stringify(a), JSON.stringify(b)));
}

/** A run is cancelled, and a step of the ramp opened, as a whole. */
type VerbOnJobs = Exclude<Verb, { type: "cancel-requested" | "ramp-released" }>;

function isAbout(verb: VerbOnJobs, key: string): boolean {
  if ("results" in verb) return verb.results.some((one) => one.key === key);
  return verb.type === "changes-accepted" ? verb.waivers.some((one) => one.key === key) : verb.keys.includes(key);
}

/** Where the event is not called after the verb. */
const NAMES: Readonly<Record<string, string>> = {
  "jobs-held": "cancel",
  "changes-accepted": "accept",
  "adoption-requested": "adopt",
  "results-verified": "verify",
  "digests-recorded": "verify",
};

function nameOf({ type }: VerbOnJobs): string {
  return NAMES[type] ?? type.replace(/-requested$/, "");
}

/** Nobody gives a reason for what was found. */
function foundOn({ results }: EventOf<"results-verified">, keys: readonly string[]): Pick<VerbSaid, "reason"> {
  const { outputs = [], times } = results.find(({ key }) => keys.includes(key)) ?? {};
  if (outputs.length > 0) return { reason: outputs.map(({ path, what }) => `${path}: ${what}`).join(", ") };
  return { reason: times ? "the content recorded, another time" : "as its receipt says" };
}

function because(verb: Exclude<VerbOnJobs, { type: "jobs-forgotten" | "results-verified" }>): Pick<VerbSaid, "reason"> {
  const reason = verb.type === "jobs-held" ? verb.because : verb.reason;
  return reason === undefined ? {} : { reason };
}

function byUser(user: string | undefined): Pick<VerbSaid, "user"> {
  return user === undefined ? {} : { user };
}
