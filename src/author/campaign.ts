// The campaign: what a module exports by default. Declares, does not compute.
import type { JobType, Mode } from "../ir/stage.ts";
import type { OutputHandle } from "./input.ts";
import type { Ramp, RampSteps } from "./ramp.ts";
import { record } from "./registry.ts";
import type { Resources, Retry, Stage } from "./stage.ts";
import type { Size } from "./units.ts";

export interface CampaignDefinition {
  /** Letters, digits, dot, underscore, hyphen; starts with a letter. */
  readonly name: string;
  /** `v1.0`, `v2.1.3`, `v1.0-beta`. A new version is a new campaign root: nothing is shared. */
  readonly version: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Every stage; a stage that is defined and not listed here is an error. */
  readonly stages: readonly Stage<string, any, any>[];
  readonly outputs: {
    /** Folder in which `<name>_<version>/` is created; relative to the campaign file's folder unless absolute. */
    readonly base: string;
    /** True: receipts record sha256 of every output, for `cmc verify --deep`; outputs may say otherwise. False unless said; never a reason to rerun. */
    readonly digests?: boolean;
  };
  readonly execution?: {
    /** Jobs a batch; 100 unless said. */
    readonly batchSize?: number;
    /** Most workers at once on the local executor; the number of processors unless said. */
    readonly maxWorkers?: number;
    /** Default `mode` of stages that name none. */
    readonly mode?: Mode;
    readonly jobType?: JobType;
    /** Of jobs whose stage does not say, field by field; over the site's. Never a reason to rerun. */
    readonly resources?: Omit<Resources, "jobType">;
    /** Of stages that do not say, field by field, where it applies: escalation where the resource is declared, exits of commands. */
    readonly retry?: Retry;
  };
  /** What the campaign may use in all. A plan that could go beyond it, with what was used before, is refused. */
  readonly budget?: {
    /** Worst case: walltime x nodes of each job, one where it names none. Failed attempts count. */
    readonly nodeHours?: number;
    /** Of outputs: their largest sizes, and what is there. */
    readonly bytes?: Size;
    /** Files and folders of outputs. */
    readonly inodes?: number;
  };
  /** How many jobs first: `[1, 100, "all"]`, or with the conditions under which it goes on. */
  readonly ramp?: RampSteps | Ramp;
  /** Shown when the campaign is done: text printed, figures named. From stages with a single job. */
  readonly report?: {
    readonly text?: readonly OutputHandle<Readonly<Record<never, never>>>[];
    readonly figures?: readonly OutputHandle<Readonly<Record<never, never>>>[];
  };
}

export interface Campaign {
  readonly definition: CampaignDefinition;
}

export function defineCampaign(definition: CampaignDefinition): Campaign {
  record({ kind: "campaign", definition });
  return { definition };
}
