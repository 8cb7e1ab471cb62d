// What a campaign module declared while it was evaluated, in order. Lives inside the evaluation's own realm; not a cache.
import type { Dimension } from "./axis.ts";
import type { CampaignDefinition } from "./campaign.ts";
import type { ListingRequest } from "./listing.ts";
import type { Moved } from "./moved.ts";
import type { StageData, StageExecution, StageIdentity } from "./stage.ts";
import type { VariableDeclaration } from "./variable.ts";

export interface StageDeclaration {
  readonly kind: "stage";
  readonly identity: StageIdentity<string, readonly Dimension<any>[]>;
  readonly data: StageData<any, any>;
  readonly execution: StageExecution<any, any, string>;
  /** The value `defineStage` returned: how the campaign's list of stages is matched. */
  readonly made: unknown;
}

export type Declaration =
  | StageDeclaration
  | { readonly kind: "campaign"; readonly definition: CampaignDefinition }
  | { readonly kind: "moved"; readonly move: Moved }
  | ({ readonly kind: "variable" } & VariableDeclaration)
  | ({ readonly kind: "listing" } & ListingRequest);

/** A declaration with the stack at the call, from which compile/ finds the source position. */
export type Recorded = Declaration & { readonly stack: string };

const declared: Recorded[] = [];

export function record(declaration: Declaration): void {
  declared.push({ ...declaration, stack: new Error("declared here").stack ?? "" });
}

export function declarations(): readonly Recorded[] {
  return declared;
}
