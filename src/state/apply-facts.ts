// ApplyFacts: where an apply came from and what it set out to do, as its `apply-started` event says. Recorded once; what came of it is elsewhere.
import type { Json, Scalar } from "../ir/json.ts";

/** What git says of the campaign's folder. */
export interface GitRecord {
  readonly commit?: string;
  readonly branch?: string;
  /** Paths with uncommitted changes: the first twenty, and how many there are. */
  readonly dirty: readonly string[];
  readonly changes: number;
  /** sha256 of the uncommitted difference, untracked files included. Absent when clean. */
  readonly diffDigest?: string;
}

/** Facts of the campaign's source, taken where it lies. */
export interface SourceFacts {
  /** Absent: the folder is in no repository, or there is no git. */
  readonly git?: GitRecord;
  /** The nearest lock file of npm, pnpm or yarn, relative to the campaign's folder. Absent: there is none. */
  readonly lockFile?: { readonly path: string; readonly sha256: string };
}

/** Jobs of a stage with the same action and reason. The names are the plan's; a later cmc may know more of them. */
export interface PlannedGroup {
  readonly stage: string;
  readonly action: string;
  readonly reason: string;
  readonly count: number;
  /** Absent for groups that change nothing. So are the following. */
  readonly range?: string;
  readonly example?: string;
  /** The example's first detail (plan/types.ts), how many jobs share it, and the files behind a change of code. */
  readonly detail?: Json;
  readonly sharing?: number;
  readonly files?: readonly string[];
}

export interface AxisFacts {
  readonly name: string;
  readonly count: number;
  /** Of its values, as a set: the order of an axis changes no result. */
  readonly digest: string;
  /** `realization 0..1999` */
  readonly text: string;
  /** Absent: more than fifty. */
  readonly values?: readonly Scalar[];
}

export interface ApplyFacts extends SourceFacts {
  readonly campaign: string;
  readonly version: string;
  readonly site: string;
  /** The words after `cmc`. */
  readonly command: readonly string[];
  readonly node: string;
  readonly platform: string;
  /** Resolved campaign variables, wherever they were given. */
  readonly variables: Readonly<Record<string, Json>>;
  /** What narrowed or widened the plan. Absent members: not asked for. */
  readonly options: Readonly<Record<string, Json>>;
  /** Absolute, on the machine of the apply. */
  readonly bundleDir: string;
  /** Jobs of the campaign, by planned action. */
  readonly counts: Readonly<Record<string, number>>;
  readonly groups: readonly PlannedGroup[];
  /** Per stage. */
  readonly axes: Readonly<Record<string, readonly AxisFacts[]>>;
}
