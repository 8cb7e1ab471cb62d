// A plan in the words of a test: one line a group of jobs that something would be done to, read from `cmc plan --json`.
import type { Rig } from "./cli.ts";

interface Group {
  readonly type: string;
  readonly stage: string;
  readonly action: string;
  readonly reason: string;
  readonly count: number;
}

const QUIET = new Set(["keep", "wait"]);

/** `mock rerun params_changed 6`; empty when there is nothing to do. */
export async function planLines(
  rig: Rig,
  args: readonly string[] = [],
  env?: Readonly<Record<string, string>>,
): Promise<string[]> {
  const objects = (await rig.json(["plan", ...args], env)) as unknown as readonly Group[];
  const groups = objects.filter(({ type, action }) => type === "group" && !QUIET.has(action));
  return groups.map(({ stage, action, reason, count }) => `${stage} ${action} ${reason} ${count}`);
}

/** `mock[...] rerun params_changed`, job by job. */
export async function planJobs(rig: Rig, args: readonly string[] = []): Promise<string[]> {
  const objects = await rig.json(["plan", "-v", ...args]);
  return objects.flatMap(({ type, key, action, reason }) =>
    type === "change" && !QUIET.has(String(action)) ? [`${String(key)} ${String(action)} ${String(reason)}`] : [],
  );
}
