// What receipts of a stage measured: run times, and bytes and inodes of each output. Numbers in columns, sorted once.
import type { StageTable } from "../expand/table.ts";
import { runSeconds } from "../state/attempt.ts";
import type { OutputFact } from "../state/receipt.ts";
import type { JobState } from "../state/reduce.ts";
import type { Measured } from "./cost-value.ts";
import { percentile } from "./percentile.ts";

/** Fewer tell nothing of a p99. */
const ENOUGH = 20;

export interface StageMeasures {
  /** Absent: no receipt tells. */
  readonly seconds?: Measured;
  /** In the order of the stage's outputs. */
  readonly outputs: readonly { readonly bytes?: Measured; readonly inodes?: Measured }[];
}

export function measure(stage: StageTable, jobs: readonly (JobState | undefined)[]): StageMeasures {
  const names = stage.stage.outputs.map((output) => output.name);
  const seconds = new Samples(stage.count);
  const outputs = names.map(() => ({ bytes: new Samples(stage.count), inodes: new Samples(stage.count) }));
  for (let row = stage.first; row < stage.first + stage.count; row++) {
    const accepted = jobs[row]?.accepted;
    const receipt = accepted?.end?.receipt;
    if (!accepted || !receipt) continue;
    // To adopt is to validate: it tells nothing of a run.
    const taken = receipt.adopted ? undefined : runSeconds(accepted);
    if (taken !== undefined) seconds.add(taken);
    for (let o = 0; o < names.length; o++) {
      const fact = outputFact(receipt.outputs, names[o]!, o);
      if (!fact) continue;
      outputs[o]!.bytes.add(fact.size);
      outputs[o]!.inodes.add(inodesOf(fact));
    }
  }
  return {
    ...seconds.measured("seconds"),
    outputs: outputs.map((one) => ({ ...one.bytes.measured("bytes"), ...one.inodes.measured("inodes") })),
  };
}

/** Receipts list outputs in the order of the declaration; the search is for those that do not. */
export function outputFact(facts: readonly OutputFact[], name: string, position: number): OutputFact | undefined {
  return facts[position]?.name === name ? facts[position] : facts.find((fact) => fact.name === name);
}

/** A folder is one, and each file in it. */
export function inodesOf({ files }: { readonly files?: number }): number {
  return files === undefined ? 1 : 1 + files;
}

class Samples {
  private values: Float64Array | undefined;
  private count = 0;

  constructor(private readonly most: number) {}

  add(value: number): void {
    this.values ??= new Float64Array(this.most);
    this.values[this.count++] = value;
  }

  measured<Name extends string>(name: Name): { readonly [N in Name]?: Measured } {
    if (!this.values) return {};
    const sorted = this.values.subarray(0, this.count).sort();
    const enough = this.count >= ENOUGH;
    const found: Measured = {
      receipts: this.count,
      median: percentile(sorted, 0.5),
      high: percentile(sorted, enough ? 0.99 : 1),
      highIs: enough ? "p99" : "max",
    };
    return { [name]: found } as { [N in Name]?: Measured };
  }
}
