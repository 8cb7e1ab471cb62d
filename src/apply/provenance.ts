// What a reviewer needs to follow a result back: metadata/provenance.json and the resolved campaign_config.yaml. Written per apply.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Compiled } from "../compile/compile.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import { TOOL_VERSION } from "../ir/version.ts";
import { gitFacts } from "../observe/git.ts";
import { replaceFile } from "../state/replace-file.ts";

export interface ProvenanceRequest {
  readonly compiled: Compiled;
  readonly run: string;
  readonly bundle: { readonly digest: string };
  readonly who: { readonly user: string; readonly host: string };
  readonly site: string;
  readonly command: string;
  readonly now: () => number;
}

interface ApplyRecord {
  readonly run: string;
  readonly at: string;
  readonly campaignDigest: string;
  readonly bundle: string;
  readonly tool: string;
  readonly node: string;
  readonly platform: string;
  readonly user: string;
  readonly host: string;
  readonly site: string;
  readonly command: string;
  readonly git?: {
    readonly commit?: string;
    readonly branch?: string;
    readonly dirty: readonly string[];
    readonly diffDigest?: string;
  };
}

export async function recordProvenance(request: ProvenanceRequest): Promise<void> {
  const { compiled, run, bundle, who, site, command } = request;
  const { root, ir } = compiled;
  const git = await gitFacts(compiled.campaignDir);
  const record: ApplyRecord = {
    run,
    at: new Date(request.now()).toISOString(),
    campaignDigest: compiled.digest,
    bundle: bundle.digest,
    tool: `cmc ${TOOL_VERSION}`,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    ...who,
    site,
    command,
    ...(git ? { git } : {}),
  };
  const file = join(root, "metadata", "provenance.json");
  const applies = [...previousApplies(file), record];
  replaceFile(file, `${JSON.stringify({ campaign: ir.name, version: ir.version, applies }, null, 2)}\n`);
  const { stringify } = await import("yaml");
  replaceFile(
    join(root, "metadata", "campaign_config.yaml"),
    `# Resolved configuration of the last apply. Written by cmc; editing it changes nothing.\n${stringify(resolvedConfig(ir))}`,
  );
}

function previousApplies(file: string): readonly ApplyRecord[] {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { applies: ApplyRecord[] }).applies;
  } catch {
    return [];
  }
}

/** The shape people know from covariance-mocks productions: identity, science (axes by stage), execution, resources, outputs. */
function resolvedConfig(ir: CampaignIR): object {
  const stages = ir.stages.map((stage) => ({
    name: stage.name,
    axes: Object.fromEntries(stage.axes.map((axis) => [axis.name, axis.values])),
    run: stage.run.kind === "task" ? stage.run.entry : "command",
    outputs: stage.outputs.map((output) => output.name),
    resources: stage.resources,
    retry: stage.retry,
    batch_size: stage.batchSize ?? ir.execution.batchSize,
  }));
  return {
    production: { name: ir.name, version: ir.version, description: ir.description, tags: ir.tags },
    variables: ir.variables,
    execution: ir.execution,
    ...(ir.budget ? { budget: ir.budget } : {}),
    outputs: { base_path: ir.base },
    stages,
  };
}
