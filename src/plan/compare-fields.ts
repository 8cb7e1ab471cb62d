// What differs between one job and itself in another version, field by field: with the detail functions of the plan's freshness. Pure.
import { canonicalJson } from "../ir/canonical.ts";
import type { RecipeField } from "../ir/job.ts";
import type { Json } from "../ir/json.ts";
import { diffJson } from "./diff.ts";
import { digests, paramsDifference, sourceDifference } from "./freshness.ts";
import { grouped } from "./grouped.ts";
import type { Detail } from "./types.ts";
import type { StageVersion } from "./version.ts";

/** In this order. `outputs`: a path. `unrecorded`: they differ in what one side did not write down. */
export const COMPARED = ["params", "code", "inputs", "environment", "upstream", "outputs", "unrecorded"] as const;
export type ComparedField = RecipeField | "outputs" | "unrecorded";

export type ComparedDetail =
  | Detail
  | { readonly type: "field"; readonly field: "outputs"; readonly path: string; readonly old?: string; readonly new?: string }; // prettier-ignore

export interface FieldChange {
  readonly field: ComparedField;
  /** At least one. Shared between jobs. */
  readonly details: readonly ComparedDetail[];
}

/** Upstream jobs named in a detail; the rest are counted. */
const NAMED = 3;

/** Of one stage that both versions have. */
export class FieldsOfStage {
  private readonly memo = new Map<string, readonly ComparedDetail[]>();
  constructor(
    private readonly old: StageVersion,
    private readonly now: StageVersion,
    /** Jobs of the stages before this one that are not as they were, and why. */
    private readonly changed: ReadonlyMap<string, string>,
  ) {}

  /** Empty: the job is the same. `place`: its index before; `index`: now. */
  of(place: number, index: number): FieldChange[] {
    const { old, now } = this;
    const recipe = old.digest(place) === now.digest(index) ? [] : this.recipe(place, index);
    return [...recipe, ...this.field("outputs", pathDetails(old.outputs(place), now.outputs(index)))];
  }

  /** Of two jobs with different digests: never empty. */
  private recipe(place: number, index: number): FieldChange[] {
    const { old, now } = this;
    const [was, is] = [old.fields(place), now.fields(index)];
    const differs = (field: RecipeField): boolean | undefined =>
      was[field] === undefined || is[field] === undefined ? undefined : was[field] !== is[field];
    const fields = [
      ...this.field("params", this.params(place, index, differs("params"))),
      ...this.field("code", this.code(was.code, is.code)),
      ...this.field("inputs", this.inputs(place, index, differs("inputs"))),
      ...this.field("environment", this.environment(was.environment, is.environment)),
      ...this.field("upstream", differs("upstream") === true ? this.upstream(place, index) : []),
    ];
    return fields.length > 0 ? fields : [UNRECORDED];
  }

  private field(field: ComparedField, details: readonly ComparedDetail[]): FieldChange[] {
    return details.length > 0 ? [{ field, details }] : [];
  }

  /** Equal details are one array: most jobs of a group share it. */
  private remembered(name: string, make: () => readonly ComparedDetail[]): readonly ComparedDetail[] {
    let details = this.memo.get(name);
    if (!details) this.memo.set(name, (details = make()));
    return details;
  }

  private params(place: number, index: number, differs: boolean | undefined): readonly ComparedDetail[] {
    const { old, now } = this;
    if (differs === false) return [];
    const [a, b] = [old.argv(place), now.argv(index)];
    const known = (a === undefined) === (b === undefined);
    const details = paramsDifference(
      { params: old.params(place), argv: known ? a : undefined },
      { params: now.params(index), argv: known ? b : undefined },
    );
    if (details.length > 0) return this.remembered(`params ${JSON.stringify(details)}`, () => details);
    return differs ? [digests("params", "params", old.fields(place).params, now.fields(index).params)] : [];
  }

  /** Digests of the job, which may be held to other code than its stage has; of the stage where those are not known. */
  private code(was: string | undefined, is: string | undefined): readonly ComparedDetail[] {
    const [old, now] = [this.old.stage, this.now.stage];
    const [before, after] = was === undefined || is === undefined ? [old.code.digest, now.code.digest] : [was, is];
    if (before === after) return [];
    return this.remembered(`code ${before} ${after}`, () => {
      const entry = now.run.kind === "task" ? now.run.entry : "command";
      const sources = Object.fromEntries(old.code.sources.map(({ path, digest }) => [path, digest]));
      return [digests("code", entry, before, after), ...sourceDifference(sources, now.code.sources)];
    });
  }

  /** With the variables a command is given. */
  private environment(was: string | undefined, is: string | undefined): readonly ComparedDetail[] {
    const known = was !== undefined && is !== undefined;
    if (known && was === is) return [];
    return this.remembered(`environment ${was} ${is}`, () => {
      const env = ({ stage: { run } }: StageVersion): Json => (run.kind === "command" ? run.env : {});
      const found = [
        ...diffJson(this.old.stage.environment, this.now.stage.environment, "environment"),
        ...diffJson(env(this.old), env(this.now), "environment.env"),
      ];
      if (found.length > 0) return found.map((d) => ({ type: "field", field: "environment", ...d }));
      return known ? [digests("environment", "environment", was, is)] : [];
    });
  }

  private inputs(place: number, index: number, differs: boolean | undefined): readonly ComparedDetail[] {
    const { old, now } = this;
    if (differs === false) return [];
    const [a, b] = [old.external(place), now.external(index)];
    const found = a && b ? diffJson(a, b, "inputs") : [];
    if (found.length > 0) return found.map((d) => ({ type: "field", field: "inputs", ...d }));
    return differs ? [digests("inputs", "inputs", old.fields(place).inputs, now.fields(index).inputs)] : [];
  }

  private upstream(place: number, index: number): readonly ComparedDetail[] {
    const { old, now } = this;
    const groups = [old.group(place), now.group(index)];
    const make = (): readonly ComparedDetail[] => {
      const [a, b] = [old.upstream(place), now.upstream(index)];
      const moved = a && b ? this.movedUpstream(a, b) : [];
      if (moved.length > 0) return moved;
      return [digests("upstream", "upstream", old.fields(place).upstream, now.fields(index).upstream)];
    };
    return groups.includes(undefined) ? make() : this.remembered(`upstream ${groups.join(" ")}`, make);
  }

  private movedUpstream(before: readonly string[], after: readonly string[]): ComparedDetail[] {
    const [old, now] = [new Set(before), new Set(after)];
    const moved = [
      ...after.flatMap((key) => {
        const why = old.has(key) ? this.changed.get(key) : "added";
        return why === undefined ? [] : [{ key, why }];
      }),
      ...before.filter((key) => !now.has(key)).map((key) => ({ key, why: "removed" })),
    ];
    const details = moved.slice(0, NAMED).map((one): ComparedDetail => ({ type: "upstream", ...one }));
    const more = moved.length - NAMED;
    return more > 0 ? [...details, { type: "note", text: `and ${grouped(more)} more upstream jobs` }] : details;
  }
}

const UNRECORDED: FieldChange = {
  field: "unrecorded",
  details: [{ type: "note", text: "inputs, arguments or upstream differ; the older bundle does not say which" }],
};

function pathDetails(before: Readonly<Record<string, string>> | undefined, after: typeof before): ComparedDetail[] {
  if (!before || !after || canonicalJson(before) === canonicalJson(after)) return [];
  return diffJson(before, after, "outputs").map((d) => ({ type: "field", field: "outputs", ...d }));
}
