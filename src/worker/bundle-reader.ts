// Reads a bundle directory: campaign, stages, job lines. It trusts the digests; apply has checked them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type CampaignIR, IR_VERSION } from "../ir/campaign.ts";
import type { StageIR } from "../ir/stage.ts";
import type { JobLine } from "../ir/job.ts";
import { UsageError } from "./options.ts";

const NEWLINE = 10;
/** Batch files kept in memory: the one in work and those that packed requests still refer to. */
const BATCHES_KEPT = 4;

interface BatchFile {
  readonly bytes: Buffer;
  /** Where each line starts; one more entry than lines. */
  readonly starts: Uint32Array;
}

export class BundleReader {
  readonly campaign: CampaignIR;
  private readonly stages: ReadonlyMap<string, StageIR>;
  private readonly batches = new Map<string, BatchFile>();

  constructor(private readonly directory: string) {
    const campaign = this.read("campaign.json", `${directory} is no bundle`);
    this.campaign = JSON.parse(campaign.toString("utf8")) as CampaignIR;
    if (this.campaign.irVersion !== IR_VERSION)
      throw new Error(`the bundle has IR version ${String(this.campaign.irVersion)}, this worker reads ${IR_VERSION}`);
    this.stages = new Map(this.campaign.stages.map((stage) => [stage.name, stage]));
  }

  stage(name: string): StageIR {
    const stage = this.stages.get(name);
    if (!stage) throw new Error(`the bundle has no stage ${name}`);
    return stage;
  }

  /** URL of a task stage's module. */
  module(stage: string): string {
    return pathToFileURL(join(this.directory, "stages", `${stage}.mjs`)).href;
  }

  lines(batch: string): number {
    return this.file(batch).starts.length - 1;
  }

  job(batch: string, line: number): JobLine {
    const { bytes, starts } = this.file(batch);
    const from = starts[line];
    const to = starts[line + 1];
    if (from === undefined || to === undefined) throw new Error(`batch ${batch} has no line ${line}`);
    return JSON.parse(bytes.toString("utf8", from, to)) as JobLine;
  }

  private read(path: string, absent: string): Buffer {
    try {
      return readFileSync(join(this.directory, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new UsageError(absent);
      throw error;
    }
  }

  private file(batch: string): BatchFile {
    const known = this.batches.get(batch);
    if (known) return known;
    const bytes = this.read(join("jobs", `${batch}.jsonl`), `the bundle has no batch ${batch}`);
    const starts = [0];
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) starts.push(at + 1);
    if (starts.at(-1) !== bytes.length) starts.push(bytes.length);
    const file = { bytes, starts: Uint32Array.from(starts) };
    if (this.batches.size >= BATCHES_KEPT) this.batches.delete(this.batches.keys().next().value!);
    this.batches.set(batch, file);
    return file;
  }
}
