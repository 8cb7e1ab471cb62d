// What changed from one apply to the next, as far as the journal says: variables, stages, axes, code, tool, lock file. Pure.
import { canonicalJson } from "../ir/canonical.ts";
import type { Json } from "../ir/json.ts";
import { keyValue } from "../ir/key.ts";
import type { ApplyFacts, AxisFacts } from "../state/apply-facts.ts";
import type { EventOf } from "../state/events.ts";

type Start = EventOf<"apply-started">;

/** Absent `old`: it is new. Absent `new`: it is gone. */
interface Sides {
  readonly old?: string;
  readonly new?: string;
}

export type RunChange =
  /** `uncommitted`: the digest of the difference from the commit. */
  | ({ readonly type: Context } & Sides)
  /** Values as JSON. */
  | ({ readonly type: "variable"; readonly name: string } & Sides)
  | { readonly type: "stage"; readonly name: string; readonly what: "added" | "removed" }
  /** Stages whose axis changed in the same way. Values are named where both applies recorded them. */
  | ({ readonly type: "axis"; readonly name: string; readonly stages: readonly string[]; readonly added?: readonly string[]; readonly removed?: readonly string[] } & Sides)
  /** A file, or an entry that has another name now. */
  | { readonly type: "code"; readonly path: string; readonly what: "added" | "removed" | "changed"; readonly stages: readonly string[] }; // prettier-ignore

/** In a fixed order. Facts that an earlier cmc did not record are not compared. */
export function changesBetween(before: Start, after: Start): readonly RunChange[] {
  const [old, now] = [before.facts, after.facts];
  return [
    ...(old && now ? contextChanges(old, now) : []),
    ...side("tool", before.toolVersion, after.toolVersion),
    ...(old && now ? variableChanges(old.variables, now.variables) : []),
    ...stageChanges(before, after),
    ...(old && now ? axisChanges(old.axes, now.axes) : []),
    ...codeChanges(before, after),
  ];
}

function contextChanges(old: ApplyFacts, now: ApplyFacts): RunChange[] {
  return [
    ...side("commit", old.git?.commit, now.git?.commit),
    ...side("uncommitted", old.git?.diffDigest, now.git?.diffDigest),
    ...side("site", old.site, now.site),
    ...side("node", old.node, now.node),
    ...side("lock-file", old.lockFile?.sha256, now.lockFile?.sha256),
  ];
}

type Context = "commit" | "uncommitted" | "site" | "tool" | "node" | "lock-file";

function side(type: Context, old?: string, now?: string): RunChange[] {
  return old === now ? [] : [{ type, ...sides(old, now) }];
}

function sides(old: string | undefined, now: string | undefined): Sides {
  return { ...(old === undefined ? {} : { old }), ...(now === undefined ? {} : { new: now }) };
}

type Named<T> = Readonly<Record<string, T>>;

function namesOf(...records: readonly Named<unknown>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
}

function own<T>(record: Named<T>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function variableChanges(old: Named<Json>, now: Named<Json>): RunChange[] {
  const text = (value: Json | undefined) => (value === undefined ? undefined : canonicalJson(value));
  return namesOf(old, now).flatMap((name): RunChange[] => {
    const [was, is] = [text(own(old, name)), text(own(now, name))];
    return was === is ? [] : [{ type: "variable", name, ...sides(was, is) }];
  });
}

function stageChanges({ code: old }: Start, { code: now }: Start): RunChange[] {
  return namesOf(old, now).flatMap((name): RunChange[] => {
    const [was, is] = [Object.hasOwn(old, name), Object.hasOwn(now, name)];
    return was === is ? [] : [{ type: "stage", name, what: is ? "added" : "removed" }];
  });
}

function axisChanges(old: ApplyFacts["axes"], now: ApplyFacts["axes"]): RunChange[] {
  const both = namesOf(old, now).filter((stage) => own(old, stage) && own(now, stage));
  const same = new Map<string, { change: AxisChange; stages: string[] }>();
  for (const stage of both) {
    const axis = (axes: readonly AxisFacts[], name: string) => axes.find((one) => one.name === name);
    const names = new Set([...old[stage]!, ...now[stage]!].map(({ name }) => name));
    for (const name of names) {
      const change = axisChange(name, axis(old[stage]!, name), axis(now[stage]!, name));
      if (!change) continue;
      const known = same.get(JSON.stringify(change));
      if (known) known.stages.push(stage);
      else same.set(JSON.stringify(change), { change, stages: [stage] });
    }
  }
  return [...same.values()].map(({ change, stages }) => ({ ...change, stages }));
}

type AxisChange = Omit<Extract<RunChange, { type: "axis" }>, "stages">;

function axisChange(name: string, old?: AxisFacts, now?: AxisFacts): AxisChange | undefined {
  if (old?.digest === now?.digest) return undefined;
  const head = { type: "axis", name, ...sides(old?.text, now?.text) } as const;
  if (!old?.values || !now?.values) return head;
  const [was, is] = [old.values.map(keyValue), now.values.map(keyValue)];
  const added = is.filter((value) => !was.includes(value));
  const removed = was.filter((value) => !is.includes(value));
  return { ...head, ...(added.length > 0 ? { added } : {}), ...(removed.length > 0 ? { removed } : {}) };
}

/** A file that several stages reach is told once. Stages that came or went are told as stages. */
function codeChanges({ code: old }: Start, { code: now }: Start): RunChange[] {
  const changed = new Map<string, { path: string; what: "added" | "removed" | "changed"; stages: string[] }>();
  const note = (path: string, what: "added" | "removed" | "changed", stage: string) => {
    const known = changed.get(`${what} ${path}`);
    if (known) known.stages.push(stage);
    else changed.set(`${what} ${path}`, { path, what, stages: [stage] });
  };
  for (const stage of namesOf(old, now)) {
    const [was, is] = [own(old, stage), own(now, stage)];
    if (!was || !is) continue;
    if (was.entry !== is.entry) note(is.entry, "added", stage);
    if (was.entry !== is.entry) note(was.entry, "removed", stage);
    for (const path of namesOf(was.sources, is.sources)) {
      const [before, after] = [own(was.sources, path), own(is.sources, path)];
      if (before !== after) note(path, before === undefined ? "added" : after === undefined ? "removed" : "changed", stage); // prettier-ignore
    }
  }
  return [...changed.values()].map((change) => ({ type: "code", ...change }));
}
