// What a campaign says for all of its stages: resources and retry. A stage's own words go before them, field by field; a job's before those.
import type { ResourcesIR, RunIR } from "../../ir/stage.ts";
import { resourcesIR, retryIR } from "./execution.ts";
import { type Fields, type Reader, type Report, fieldsOf, inside } from "./reader.ts";

export interface Defaults {
  readonly resources: ResourcesIR;
  /** As it was written. */
  readonly retry: Fields;
}

/** A stage's words with what it took over. */
export interface Inherited {
  readonly resources: ResourcesIR;
  /** The execution, with the whole `retry`. */
  readonly execution: Reader;
  /** What is the campaign's: `walltime`, `attempts`, `escalate.oom`. */
  readonly taken: ReadonlySet<string>;
}

/** Whether there is another try is known once the exits are. */
const GROUPS = ["exits", "backoff", "escalate"] as const;
const ESCALATED: Readonly<Record<string, "memory" | "walltime">> = { oom: "memory", timeout: "walltime" };

/** Faults are reported where the campaign says it; nothing is inherited then. */
export function defaultsOf(campaign: Reader): Defaults {
  let sound = true;
  const report: Report = (...fault) => {
    sound = false;
    campaign.report(...fault);
  };
  const execution = { ...inside(campaign, "execution"), report };
  const { jobType, ...fields } = inside(execution, "resources").fields;
  const at = [...execution.at, "resources"];
  if (jobType !== undefined)
    report("compile/unknown-option", "execution.resources has no option jobType", [...at, "jobType"], "Say it as execution.jobType."); // prettier-ignore
  const resources = resourcesIR({ fields, at, report });
  // Which stages run commands, and which exits mean success there, is theirs to say.
  const retry = fieldsOf(execution.fields.retry);
  const tried = retry ? { attempts: 2, ...retry } : execution.fields.retry;
  retryIR({ ...execution, fields: { retry: tried } }, { kind: "command", env: {}, okExits: [] }, undefined);
  return sound ? { resources, retry: retry ?? {} } : { resources: {}, retry: {} };
}

/** @param own the stage's resources. Absent: they depend on the point */
export function inherit(defaults: Defaults, own: ResourcesIR | undefined, execution: Reader, run: RunIR): Inherited {
  const resources = { ...defaults.resources, ...own };
  const taken = new Set(Object.keys(defaults.resources).filter((field) => !(own && Object.hasOwn(own, field))));
  const mine = execution.fields.retry === undefined ? {} : fieldsOf(execution.fields.retry);
  // What is no object is for the stage's own reader to refuse.
  if (!mine) return { resources, execution, taken };
  const retry: Record<string, unknown> = { ...mine };
  if (mine.attempts === undefined && defaults.retry.attempts !== undefined) {
    retry.attempts = defaults.retry.attempts;
    taken.add("attempts");
  }
  // A stage that tries once has no use for what comes between tries.
  const again = () =>
    (retry.attempts ?? 1) !== 1 || Object.values(fieldsOf(retry.exits) ?? {}).some((tries) => tries !== 1);
  const fits = {
    backoff: again,
    exits: (code: string) => run.kind === "command" && !run.okExits.includes(Number(code)),
    escalate: (cause: string) => again() && (own === undefined || resources[ESCALATED[cause]!] !== undefined),
  };
  for (const group of GROUPS) {
    const said = mine[group] === undefined ? {} : fieldsOf(mine[group]);
    if (!said) continue;
    const given = Object.entries(fieldsOf(defaults.retry[group]) ?? {});
    const more = given.filter(([name]) => !Object.hasOwn(said, name) && fits[group](name));
    if (more.length === 0) continue;
    retry[group] = { ...Object.fromEntries(more), ...said };
    for (const [name] of more) taken.add(`${group}.${name}`);
  }
  const whole = Object.keys(retry).length > 0 ? { ...execution.fields, retry } : execution.fields;
  return { resources, execution: { ...execution, fields: whole }, taken };
}

/** Refuses a default that no stage took over: nothing would consume it. */
export function refuseUnused(
  campaign: Reader,
  { resources, retry }: Defaults,
  taken: readonly ReadonlySet<string>[],
): void {
  const said = [
    ...Object.keys(resources).map((name) => [name, "resources", name]),
    ...(retry.attempts === undefined ? [] : [["attempts", "retry", "attempts"]]),
    ...GROUPS.flatMap((group) =>
      Object.keys(fieldsOf(retry[group]) ?? {}).map((name) => [`${group}.${name}`, "retry", group, name]),
    ),
  ];
  for (const [name, ...path] of said)
    if (!taken.some((some) => some.has(name!)))
      campaign.report(
        "compile/unknown-option",
        `execution.${path.join(".")} has no effect: every stage says it itself, or has no use for it`,
        ["execution", ...path],
        "Remove it.",
      );
}
