// The receipt of an attempt that ended well, from its parts. Pure; writing it down is conclude.ts.
import type { StageIR } from "../ir/stage.ts";
import { edgeNames } from "../ir/edges.ts";
import type { JobLine } from "../ir/job.ts";
import type { GateFact, MetricFact, OutputFact, Receipt } from "../state/receipt.ts";
import type { ResolvedInputs } from "./inputs.ts";

export function receiptOf(
  stage: StageIR,
  job: JobLine,
  inputs: ResolvedInputs,
  outputs: readonly OutputFact[],
  checksPassed: number,
  metrics: readonly MetricFact[],
  gates: readonly GateFact[],
  node?: string,
): Receipt {
  return {
    recipe: job.recipe,
    params: job.params,
    ...(job.argv ? { argv: job.argv } : {}),
    inputs: inputs.facts,
    ...(inputs.upstreamUsed ? { upstreamUsed: inputs.upstreamUsed, upstreamFrom: edgeNames(stage.inputs) } : {}),
    outputs,
    metrics,
    gates,
    checksPassed,
    ...(node === undefined ? {} : { node }),
  };
}

/** One line for people. */
export function said(receipt: Receipt): string {
  if (receipt.adopted) return "adopted";
  return receipt.outputs.length === 1 ? "made 1 output" : `made ${receipt.outputs.length} outputs`;
}
