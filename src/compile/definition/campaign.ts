// The description of a whole campaign -> its IR without code fingerprints. Collects every fault before it says no.
import { basename, dirname, relative } from "node:path";
import type { BudgetIR, CampaignIR, ExecutionIR, ListingIR } from "../../ir/campaign.ts";
import { IR_VERSION } from "../../ir/campaign.ts";
import { canonicalJson, sha256 } from "../../ir/canonical.ts";
import type { Json } from "../../ir/json.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { DescribedStage, Description } from "../realm/protocol.ts";
import type { Locator } from "../source/locator.ts";
import { positionAt } from "../source/edit.ts";
import type { Modules } from "../source/module.ts";
import { defaultsOf, refuseUnused } from "./defaults.ts";
import { JOB_TYPES, MODES } from "./execution.ts";
import { movedIR } from "./moved.ts";
import { topological } from "./order.ts";
import { rampIR } from "./ramp.ts";
import { reportIR } from "./report.ts";
import {
  type Reader,
  type Report,
  flag,
  inside,
  number,
  onlyKnown,
  oneOf,
  reader,
  shown,
  size,
  text,
  texts,
} from "./reader.ts";
import { type StageDraft, nameOf, shapeOf, stageDraft } from "./stage.ts";

export interface Draft {
  readonly ir: Omit<CampaignIR, "stages">;
  readonly stages: readonly (StageDraft & {
    readonly described: number;
    readonly stack: string;
    readonly definedAt: { file: string; line: number };
  })[];
}

export interface Surroundings {
  readonly file: string;
  readonly locator: Locator;
  readonly modules: Modules;
  readonly entryOf: (task: number) => string;
  readonly listings: Readonly<Record<string, readonly string[]>>;
}

export function campaignDraft(
  description: Description,
  around: Surroundings,
  problems: Diagnostic[],
): Draft | undefined {
  const { locator } = around;
  const reporter =
    (stack: string): Report =>
    (code, message, at, remedy) => {
      const span = locator.locate(stack, at);
      problems.push({
        code,
        severity: "error",
        message,
        ...(span ? { span } : {}),
        ...(remedy === undefined ? {} : { remedy }),
      });
    };
  const { campaign, stages } = description;
  if (!campaign) {
    const text = around.modules.get(around.file)?.text ?? "";
    const at = Math.max(0, text.lastIndexOf("export default"));
    const span = locator.span({ file: around.file, start: at, end: at + 14 });
    problems.push({
      code: "compile/no-campaign",
      severity: "error",
      message: `${basename(around.file)} has no campaign as its default export`,
      ...(span ? { span } : {}),
    });
    return undefined;
  }
  const report = reporter(campaign.stack);
  const listed = checkListed(description, report, reporter);
  const byName = new Map(listed.map((i) => [nameOf(stages[i]!), stages[i]!]));
  const upstream = (name: string) => { const found = byName.get(name); return found && shapeOf(found); }; // prettier-ignore
  const from = reader(campaign.definition, [], report);
  const defaults = defaultsOf(from);
  const drafts = listed.map((i) => {
    const described = stages[i]!;
    const place = locator.place(described.stack);
    const line = place ? positionAt(around.modules.get(place.file)!.text, place.start).line : 0;
    const definedAt = { file: place ? relative(dirname(around.file), place.file) : basename(around.file), line };
    return {
      ...stageDraft(described, upstream, around.entryOf, reporter(described.stack), defaults),
      described: i,
      stack: described.stack,
      definedAt,
    };
  });
  refuseUnused(from, defaults, drafts.map(({ taken }) => taken)); // prettier-ignore
  const { order, circle } = topological(drafts, (stage) =>
    stage.inputs.flatMap((input) => (input.kind === "edge" ? [input.from.stage] : [])),
  );
  if (circle)
    reporter(drafts.find((stage) => stage.name === circle[0])!.stack)(
      "compile/stage-cycle",
      `stages need each other in a circle: ${circle.join(" -> ")}`,
      ["inputs"],
    );
  const moved = movedIR(description.moved, drafts, reporter);
  const gates = drafts.flatMap((stage) => stage.gates.map((gate) => gate.name));
  return { ir: { ...campaignIR(description, byName, gates, around, report), ...(moved.length > 0 ? { moved } : {}) }, stages: order }; // prettier-ignore
}

/** Places in `description.stages` of the listed stages. */
function checkListed(description: Description, report: Report, reporter: (stack: string) => Report): number[] {
  const { stages, listed } = description;
  if (listed.length === 0) report("compile/bad-definition", "the campaign lists no stages", ["stages"]);
  listed.forEach((place, i) => {
    if (place < 0) report("compile/bad-definition", `stages[${i}] is not made by defineStage`, ["stages"]);
    else if (listed.indexOf(place) !== i)
      report(
        "compile/duplicate-stage",
        `stage ${nameOf(stages[place]!)} is listed twice`,
        ["stages"],
        "Remove one of the two.",
      );
  });
  const good = [...new Set(listed.filter((place) => place >= 0))];
  const first = new Map<string, number>();
  stages.forEach((stage, i) => {
    const name = nameOf(stage);
    if (first.has(name)) reporter(stage.stack)("compile/duplicate-stage", `two stages have the name ${name}`, ["name"]);
    else first.set(name, i);
    if (!good.includes(i))
      reporter(stage.stack)("compile/unlisted-stage", `stage ${name} is defined and not listed in the campaign`, [
        "name",
      ]);
  });
  return good;
}

function campaignIR(
  description: Description,
  byName: ReadonlyMap<string, DescribedStage>,
  gates: readonly string[],
  around: Surroundings,
  report: Report,
): Omit<CampaignIR, "stages"> {
  const from = reader(description.campaign!.definition, [], report);
  onlyKnown(
    from,
    ["name", "version", "description", "tags", "stages", "outputs", "execution", "budget", "ramp", "report"],
    "the campaign",
  );
  const name = text(from, "name") ?? "";
  if (!/^[a-zA-Z][a-zA-Z0-9._-]*$/.test(name))
    report(
      "compile/bad-definition",
      `campaign name ${shown(name)} is not allowed`,
      ["name"],
      "Use letters, digits, dot, underscore and hyphen; begin with a letter.",
    );
  const version = text(from, "version") ?? "";
  if (!/^v\d+\.\d+(?:\.\d+)?(?:-[a-zA-Z0-9_-]+)?$/.test(version))
    report(
      "compile/bad-definition",
      `version ${shown(version)} is not allowed`,
      ["version"],
      "Write v1.0, v2.1.3 or v1.0-beta.",
    );
  const outputs = inside(from, "outputs");
  onlyKnown(outputs, ["base", "digests"], "outputs");
  const digests = flag(outputs, "digests");
  const base = text(outputs, "base") ?? "";
  if (base === "")
    report(
      "compile/bad-definition",
      "outputs.base is empty",
      ["outputs", "base"],
      'Name the folder in which the campaign root is made; "." is the campaign\'s own.',
    );
  const budget = budgetIR(from);
  const ramp = rampIR(from, gates);
  const result = from.fields.report === undefined ? undefined : reportIR(inside(from, "report"), byName);
  return {
    irVersion: IR_VERSION, name, version, base,
    description: text(from, "description") ?? "",
    tags: texts(from, "tags") ?? [],
    variables: Object.fromEntries(description.taken.map(({ name, value }) => [name, value])),
    ...(digests === undefined ? {} : { digests }),
    listings: listingsIR(description, around.listings),
    execution: executionIR(from),
    ...(budget ? { budget } : {}),
    ...(ramp ? { ramp } : {}),
    ...(result ? { report: result } : {}),
  }; // prettier-ignore
}

function listingsIR(description: Description, taken: Readonly<Record<string, readonly string[]>>): ListingIR[] {
  const unique = new Map(description.listings.map((listing) => [listing.name, listing]));
  return [...unique.values()].map(({ name, pattern }) => {
    const paths = taken[name] ?? [];
    return { name, pattern, count: paths.length, digest: sha256(canonicalJson(paths as Json)) };
  });
}

function executionIR(from: Reader): ExecutionIR {
  const execution = inside(from, "execution");
  onlyKnown(execution, ["batchSize", "maxWorkers", "mode", "jobType", "resources", "retry"], "execution");
  const maxWorkers = number(execution, "maxWorkers", { min: 1, whole: true });
  const jobType = oneOf(execution, "jobType", JOB_TYPES);
  const mode = oneOf(execution, "mode", MODES);
  return {
    batchSize: number(execution, "batchSize", { min: 1, max: 100_000, whole: true }) ?? 100,
    ...(maxWorkers === undefined ? {} : { maxWorkers }),
    ...(mode === undefined ? {} : { mode }),
    ...(jobType === undefined ? {} : { jobType }),
  };
}

function budgetIR(from: Reader): BudgetIR | undefined {
  if (from.fields.budget === undefined) return undefined;
  const budget = inside(from, "budget");
  onlyKnown(budget, ["nodeHours", "bytes", "inodes"], "budget");
  const [nodeHours, bytes] = [number(budget, "nodeHours", { above: 0 }), size(budget, "bytes")];
  const inodes = number(budget, "inodes", { min: 1, whole: true });
  if (nodeHours === undefined && bytes === undefined && inodes === undefined)
    budget.report(
      "compile/bad-definition",
      "budget limits nothing",
      budget.at,
      "Give nodeHours, bytes or inodes, or remove it.",
    );
  return {
    ...(nodeHours === undefined ? {} : { nodeHours }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(inodes === undefined ? {} : { inodes }),
  };
}
