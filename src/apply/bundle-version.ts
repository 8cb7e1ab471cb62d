// A bundle as a version to compare: the campaign as it was compiled when the bundle was made, every job of it. Jobs the bundle has no line for
// (there was nothing to do for them) are known by its manifest, and by a receipt of the same recipe where the journal has one. Reads, decides nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../diagnostics/diagnostic.ts";
import { TextColumn } from "../expand/column.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import type { StageIR } from "../ir/stage.ts";
import type { JobInput, JobLine } from "../ir/job.ts";
import type { Json, Scalar } from "../ir/json.ts";
import type { StageVersion, Version } from "../plan/version.ts";
import { keysOf } from "../plan/keys.ts";
import type { Receipt } from "../state/receipt.ts";
import { readSeed } from "../state/manifest/read-seed.ts";
import type { State } from "../state/reduce.ts";
import { readBundleIndex } from "./bundle.ts";

/** `state`: whose receipts may speak for jobs without a line. Throws apply/bundle where files differ from their digests. */
export async function bundleVersion(dir: string, state: State | undefined): Promise<Version> {
  readBundleIndex(dir);
  const campaign = JSON.parse(readFileSync(join(dir, "campaign.json"), "utf8")) as CampaignIR;
  const stages = new Map(campaign.stages.map((stage) => [stage.name, new StageColumns(stage)]));
  await readSeed(readFileSync(join(dir, "manifest.sqlite")), (job) => {
    const stage = stages.get(job.stage) ?? fail({ code: "apply/bundle", message: `${dir}: ${job.key} is of no stage` });
    stage.add(job);
  });
  const lines = new JobLines(dir);
  return { stages: [...stages.values()].map((stage) => stageOf(stage, lines, state)) };
}

/** Columns, as a campaign may have a million jobs. */
class StageColumns {
  readonly params = TextColumn.create(1024);
  readonly recipes: string[] = [];
  readonly places: (readonly [string, number] | undefined)[] = [];
  private readonly coordinates: number[][];
  private readonly indexes: readonly Map<Scalar, number>[];

  constructor(readonly stage: StageIR) {
    this.coordinates = stage.axes.map(() => []);
    this.indexes = stage.axes.map(({ values }) => new Map(values.map((value, i) => [value, i])));
  }

  add({ point, params, recipe, batch, line }: Parameters<Parameters<typeof readSeed>[1]>[0]): void {
    const values = JSON.parse(point) as Readonly<Record<string, Scalar>>;
    this.stage.axes.forEach(({ name }, a) => this.coordinates[a]!.push(this.indexes[a]!.get(values[name]!)!));
    this.params.push(params);
    this.recipes.push(recipe);
    this.places.push(batch === undefined ? undefined : [batch, line!]);
  }

  get coords(): readonly Uint32Array[] {
    return this.coordinates.map((column) => Uint32Array.from(column));
  }
}

/** Lines of job files, read when they are asked for. Jobs are asked for in about the order they stand in. */
class JobLines {
  private batch: string | undefined;
  private lines: readonly string[] = [];
  private readonly last = { place: "", line: undefined as JobLine | undefined };

  constructor(private readonly dir: string) {}

  at([batch, number]: readonly [string, number]): JobLine {
    const place = `${batch} ${number}`;
    if (this.last.place === place) return this.last.line!;
    if (this.batch !== batch) {
      this.lines = readFileSync(join(this.dir, "jobs", `${batch}.jsonl`), "utf8").split("\n");
      this.batch = batch;
    }
    const line = JSON.parse(this.lines[number]!) as JobLine;
    Object.assign(this.last, { place, line });
    return line;
  }
}

function stageOf(columns: StageColumns, lines: JobLines, state: State | undefined): StageVersion {
  const { stage, params, recipes, places } = columns;
  const coords = columns.coords;
  const key = keysOf({ stage, coords });
  const line = (index: number): JobLine | undefined => (places[index] ? lines.at(places[index]) : undefined);
  const receipt = (index: number): Receipt | undefined =>
    state?.jobs.get(key(index))?.attempts.findLast(({ end }) => end?.receipt?.recipe.digest === recipes[index])?.end
      ?.receipt;
  return {
    stage,
    coords,
    count: recipes.length,
    digest: (index) => recipes[index]!,
    fields: (index) => (line(index) ?? receipt(index))?.recipe ?? {},
    params: (index) => JSON.parse(params.at(index)) as Json,
    argv: (index) => (line(index) ?? receipt(index))?.argv,
    external: (index) => externalPaths(line(index)?.inputs),
    outputs: (index) => line(index)?.outputs,
    upstream: (index) => upstreamKeys(line(index)?.inputs),
    group: () => undefined,
  };
}

type Inputs = Readonly<Record<string, JobInput>> | undefined;

function externalPaths(inputs: Inputs): Readonly<Record<string, Json>> | undefined {
  if (!inputs) return undefined;
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([port, input]) =>
      input.kind === "edge" ? [] : [[port, input.kind === "file" ? input.path : input.paths]],
    ),
  );
}

function upstreamKeys(inputs: Inputs): readonly string[] | undefined {
  if (!inputs) return undefined;
  return Object.values(inputs).flatMap((input) => (input.kind === "edge" ? input.elements.map(({ key }) => key) : []));
}
