// Expansion of a drafted campaign through its realm: the adapter between expand/ and the vm, and the checks that need every job.
import { DiagnosticError, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { expand, type PointFunctions } from "../expand/expand.ts";
import { badPaths, sharedPath } from "../expand/paths.ts";
import { coordinates, rowCount } from "../expand/coordinates.ts";
import { type JobTable, type StageTable, keyOf } from "../expand/table.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import type { ResourcesIR, StageIR } from "../ir/stage.ts";
import { canonicalJson } from "../ir/canonical.ts";
import type { Json } from "../ir/json.ts";
import { jobKey } from "../ir/key.ts";
import { hasPlaceholder, showPlaceholders } from "../ir/placeholder.ts";
import type { Draft } from "./definition/campaign.ts";
import { resourcesIR } from "./definition/execution.ts";
import { reader } from "./definition/reader.ts";
import { isProblem, isTimedOut } from "./realm/evaluate.ts";
import { problemDiagnostic, timeoutDiagnostic } from "./realm/explain.ts";
import type { Session } from "./realm/session.ts";
import type { Locator } from "./source/locator.ts";

const MOST_JOBS = 2_000_000;

export interface Expansion {
  readonly table?: JobTable;
  readonly usedRoots: ReadonlySet<string>;
  readonly problems: readonly Diagnostic[];
}

type StageDraft = Draft["stages"][number];

export function expandCampaign(ir: CampaignIR, draft: Draft, session: Session, find: Locator): Expansion {
  const problems: Diagnostic[] = [];
  const byName = new Map(draft.stages.map((stage) => [stage.name, stage]));
  const report = (stage: string, at: readonly string[], diagnostic: Omit<Diagnostic, "severity" | "span">) => {
    if (problems.some((known) => known.code === diagnostic.code && known.message === diagnostic.message)) return;
    const span = find.locate(byName.get(stage)!.stack, at);
    problems.push({ severity: "error", ...diagnostic, ...(span ? { span } : {}) });
  };
  checkCounts(ir, draft, session, report);
  if (problems.length > 0) return { usedRoots: new Set(), problems };

  const points = pointFunctions(ir, byName, session, find, report);
  const { table, faults, usedRoots } = expand(ir, points, rootsOf(session));
  for (const fault of faults) {
    const stage = table.stages.find((candidate) => candidate.stage.name === fault.stage)!;
    const edge = stage.stage.inputs.find((input) => input.port === fault.port)!;
    const from = edge.kind === "edge" ? edge.from.stage : "";
    const job = keyOf(stage, fault.index);
    report(fault.stage, ["inputs", fault.port], {
      code: "compile/edge-unmatched",
      job,
      message: `${fault.count} of ${stage.count} jobs find no job of stage ${from} at input ${fault.port}; first ${job}`,
    });
  }
  for (const { at, path, why, count } of badPaths(table.stages)) {
    const job = keyOf(at.stage, at.index);
    const name = at.stage.stage.outputs[at.output]!.name;
    report(at.stage.stage.name, ["outputs", name], {
      code: "compile/bad-path",
      job,
      message: `output ${name} of ${job}${count > 1 ? ` and ${count - 1} more` : ""} ${why}: ${JSON.stringify(showPlaceholders(path))}`,
    });
  }
  if (problems.length === 0) checkShared(table.stages, byName, find, report);
  return { table, usedRoots, problems };
}

type ReportStage = (stage: string, at: readonly string[], diagnostic: Omit<Diagnostic, "severity" | "span">) => void;

function checkCounts(ir: CampaignIR, draft: Draft, session: Session, report: ReportStage): void {
  let total = 0;
  for (const stage of draft.stages) {
    const count = rowCount(session.description.stages[stage.described]!.dimensions);
    total += count;
    if (count === 0)
      report(stage.name, ["matrix"], { code: "compile/empty-stage", message: `stage ${stage.name} has no jobs` });
  }
  if (total > MOST_JOBS)
    report(ir.stages[0]!.name, ["matrix"], {
      code: "compile/too-many-jobs",
      message: `the campaign has ${total} jobs`,
    });
}

/** What stands for a folder in fingerprints; path variables and listing roots. */
function rootsOf({ description }: Session): Record<string, string> {
  const variables = description.taken
    .filter(({ type }) => type === "path")
    .map(({ name, value }) => [`{${name}}`, value as string]);
  const listings = description.listings
    .filter(({ root }) => !variables.some(([, value]) => value === root))
    .map(({ name, root }) => [`{${name}}`, root]);
  return Object.fromEntries([...listings, ...variables]) as Record<string, string>;
}

function pointFunctions(
  ir: CampaignIR,
  byName: ReadonlyMap<string, StageDraft>,
  session: Session,
  find: Locator,
  report: ReportStage,
): PointFunctions {
  const resources = new Map<string, string>();
  const stop = (diagnostic: Diagnostic): never => {
    throw new DiagnosticError([diagnostic]);
  };
  return {
    dimensions: (name) => session.description.stages[byName.get(name)!.described]!.dimensions,
    columns: (name, from, to) => {
      const draft = byName.get(name)!;
      const stage = ir.stages.find((candidate) => candidate.name === name)!;
      const chunk = session.realm.columns(draft.described, from, to);
      if (isTimedOut(chunk)) return stop(timeoutDiagnostic(chunk, session.bundle, find, session.file));
      const jobAt = (row: number) => keyAt(stage, session.description.stages[draft.described]!.dimensions, row);
      if (isProblem(chunk)) {
        const { row } = chunk.problem;
        return stop(
          problemDiagnostic(chunk, find, { stack: draft.stack, ...(row === undefined ? {} : { job: jobAt(row) }) }),
        );
      }
      if (
        hasPlaceholder(chunk.params ?? "") ||
        hasPlaceholder(chunk.constantParams ?? "") ||
        chunk.paths.some(hasPlaceholder)
      )
        report(
          name,
          hasPlaceholder((chunk.params ?? "") + (chunk.constantParams ?? "")) ? ["run", "params"] : ["inputs"],
          {
            code: "compile/not-json",
            message: "text holds the private-use character U+E0C1 or U+E0C2, which cmc keeps for itself",
            remedy: "Remove the character.",
          },
        );
      if (chunk.argv !== undefined) checkArguments(stage, chunk.argv, report);
      return chunk;
    },
    resources: (name, text) => {
      const memo = `${name}\n${text}`;
      const known = resources.get(memo);
      if (known !== undefined) return known;
      const read = reader(JSON.parse(text), ["resources"], (code, message, at, remedy) =>
        report(name, at, { code, message, ...(remedy === undefined ? {} : { remedy }) }),
      );
      const parsed = resourcesIR(read);
      checkEscalation(byName.get(name)!, parsed, report);
      const result = canonicalJson(parsed as unknown as Json);
      resources.set(memo, result);
      return result;
    },
  };
}

/** What definition/execution.ts cannot see when resources are a function of the point. Once a stage is enough. */
function checkEscalation(stage: StageDraft, own: ResourcesIR, report: ReportStage): void {
  const resources = { ...stage.resources, ...own };
  // What the campaign says for all holds where it can.
  const { oom, timeout } = Object.fromEntries(
    Object.entries(stage.retry.escalate).filter(([cause]) => !stage.taken.has(`escalate.${cause}`)),
  ) as StageDraft["retry"]["escalate"];
  const without =
    oom && resources.memory === undefined ? "oom" : timeout && resources.walltime === undefined ? "timeout" : undefined;
  if (!without) return;
  const what = without === "oom" ? "memory" : "walltime";
  report(stage.name, ["retry", "escalate", without], {
    code: "compile/unknown-option",
    message: `escalate.${without} multiplies ${what}, which the stage's resources lack for some jobs`,
    remedy: `Declare resources.${what} for every point, or remove escalate.${without}.`,
  });
}

/** A fan-in inside a longer argument would be joined by blanks: refused. So is a placeholder that was cut or copied from another stage. */
function checkArguments(stage: StageIR, argv: string, report: ReportStage): void {
  const each = /[^"]\uE0C1each:([^\uE0C2]*)|\uE0C1each:([^\uE0C2]*)\uE0C2[^"]/.exec(argv);
  if (each)
    report(stage.name, ["run"], {
      code: "compile/bad-definition",
      message: `inputs.${each[1] ?? each[2]}.each stands inside a longer argument`,
      remedy: "Make it an argument of its own, or use .list.",
    });
  const known = new Set([
    "staging",
    ...stage.outputs.map((output) => `output:${output.name}`),
    ...stage.inputs.flatMap(({ port }) => [`input:${port}`, `each:${port}`, `list:${port}`]),
  ]);
  for (const [, name] of argv.matchAll(/\uE0C1([^\uE0C2"]*)\uE0C2?/g))
    if (!known.has(name!)) {
      report(stage.name, ["run"], {
        code: "compile/bad-definition",
        message: `an argument names <${name}>, which this stage does not have`,
        remedy: "Use the inputs and outputs that the function is given.",
      });
      return;
    }
}

function checkShared(
  stages: readonly StageTable[],
  byName: ReadonlyMap<string, StageDraft>,
  find: Locator,
  report: ReportStage,
): void {
  const clash = sharedPath(stages);
  if (!clash) return;
  const { first, second, inside } = clash;
  const name = ({ stage, output }: typeof first) => stage.stage.outputs[output]!.name;
  const path = (at: typeof first) => at.stage.outputs[at.output]!.at(at.index);
  const [a, b] = [keyOf(first.stage, first.index), keyOf(second.stage, second.index)];
  const message = inside
    ? `${b} would write ${path(second)} inside ${path(first)}, an output of ${a}`
    : `${a} and ${b} would both write ${path(first)}`;
  const other = find.locate(byName.get(first.stage.stage.name)!.stack, ["outputs", name(first)]);
  const related =
    first.stage === second.stage && first.output === second.output
      ? {}
      : { related: [{ message: `output ${name(first)} of ${a}`, ...(other ? { span: other } : {}) }] };
  const unused = unusedAxes(first, second);
  report(second.stage.stage.name, ["outputs", name(second)], {
    code: "compile/shared-output",
    message,
    job: b,
    ...related,
    ...(unused ? { remedy: `Use ${unused} in the path.` } : {}),
  });
}

/** Axes in which two jobs of one stage differ: what the path lacks. */
function unusedAxes(
  first: { stage: StageTable; index: number },
  second: { stage: StageTable; index: number },
): string | undefined {
  if (first.stage !== second.stage || first.index === second.index) return undefined;
  const { stage, coords } = first.stage;
  return stage.axes.filter((_, a) => coords[a]![first.index] !== coords[a]![second.index]).map((axis) => axis.name).join(" and "); // prettier-ignore
}

function keyAt(stage: StageIR, dimensions: Parameters<typeof coordinates>[0], row: number): string {
  const coords = coordinates(dimensions, rowCount(dimensions));
  return jobKey(
    stage.name,
    Object.fromEntries(stage.axes.map((axis, a) => [axis.name, axis.values[coords[a]![row]!]!])),
  );
}
