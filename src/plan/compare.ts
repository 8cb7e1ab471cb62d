// Two versions of a campaign, job by job: added, removed, changed and by which field. Says what differs, not what would run: that is the plan. Pure.
import { type ComparedDetail, type ComparedField, type FieldChange, FieldsOfStage } from "./compare-fields.ts";
import { Tallies } from "./compare-groups.ts";
import { keysOf } from "./keys.ts";
import type { StageVersion, Version } from "./version.ts";

export interface JobChange {
  readonly key: string;
  readonly stage: string;
  readonly what: "added" | "removed" | "changed";
  /** Of changed jobs: at least one. */
  readonly fields: readonly FieldChange[];
}

export interface CompareGroup {
  readonly stage: string;
  readonly what: JobChange["what"];
  /** Of changed jobs: a job stands in the group of every field that changed. */
  readonly field?: ComparedField;
  readonly count: number;
  readonly range: string;
  readonly example: string;
  /** The example's first detail, and how many jobs of the group have the same. */
  readonly detail?: ComparedDetail;
  readonly sharing?: number;
  /** Of a change of code: the files. */
  readonly files?: readonly string[];
}

export interface Comparison {
  readonly groups: readonly CompareGroup[];
  readonly changes: readonly JobChange[];
  readonly counts: {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly same: number;
  };
}

export function compare(before: Version, after: Version): Comparison {
  const changed = new Map<string, string>();
  const groups: CompareGroup[] = [];
  const changes: JobChange[] = [];
  const counts = { added: 0, removed: 0, changed: 0, same: 0 };
  for (const [old, now] of stagePairs(before, after)) {
    const stage = compareStage(old, now, changed);
    groups.push(...stage.groups);
    for (const change of stage.changes) {
      changes.push(change);
      counts[change.what] += 1;
    }
    counts.same += stage.same;
  }
  return { groups, changes, counts };
}

type Pair = readonly [StageVersion | undefined, StageVersion | undefined];

/** Stages of the later version in its order, so that upstream comes first; then those that are gone. */
function stagePairs(before: Version, after: Version): Pair[] {
  const named = ({ stages }: Version, name: string) => stages.find(({ stage }) => stage.name === name);
  const gone = before.stages.filter(({ stage }) => !named(after, stage.name));
  return [
    ...after.stages.map((now): Pair => [named(before, now.stage.name), now]),
    ...gone.map((old): Pair => [old, undefined]),
  ];
}

/** Jobs of a stage, or of what it was and is. `changed` is added to: the stages after this one ask. */
function compareStage(
  old: StageVersion | undefined,
  now: StageVersion | undefined,
  changed: Map<string, string>,
): StageComparison {
  const { name } = (now ?? old)!.stage;
  const changes: JobChange[] = [];
  const tallies = new Tallies(name);
  let same = 0;
  const note = (
    stage: StageVersion,
    index: number,
    key: string,
    what: JobChange["what"],
    fields: readonly FieldChange[],
  ) => {
    changes.push({ key, stage: name, what, fields });
    // A path that moved gives downstream the same data.
    const why = what === "changed" ? fields.find(({ field }) => field !== "outputs")?.field : what;
    if (why !== undefined) changed.set(key, why);
    if (what !== "changed") tallies.add(what, stage, index, key, []);
    for (const { field, details } of fields) tallies.add(field, stage, index, key, details);
  };

  const places = new Map<string, number>();
  const oldKey = old && keysOf(old);
  for (let i = 0; i < (old?.count ?? 0); i++) places.set(oldKey!(i), i);
  const nowKey = now && keysOf(now);
  const fieldsOf = old && now ? new FieldsOfStage(old, now, changed) : undefined;
  for (let i = 0; i < (now?.count ?? 0); i++) {
    const key = nowKey!(i);
    const place = places.get(key);
    places.delete(key);
    const fields = place === undefined ? [] : fieldsOf!.of(place, i);
    if (place === undefined) note(now!, i, key, "added", []);
    else if (fields.length > 0) note(now!, i, key, "changed", fields);
    else same += 1;
  }
  for (const [key, place] of places) note(old!, place, key, "removed", []);
  return { changes, groups: tallies.groups(), same };
}

interface StageComparison {
  readonly changes: readonly JobChange[];
  readonly groups: readonly CompareGroup[];
  readonly same: number;
}
