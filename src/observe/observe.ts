// Observations: the listings as answers to "is this output there, is that input there". plan/ asks; nothing more is read, except content.
import { resolve } from "node:path";
import type { JobTable } from "../expand/table.ts";
import type { FileFact } from "../state/receipt.ts";
import { InputFact } from "./content.ts";
import { type Listing, startInputListing, startOutputListing } from "./listing.ts";
import { inputPlaces } from "./places.ts";
import type { Seen } from "./records.ts";

/** What plan/types.ts calls Observations. */
export interface Facts {
  output(path: string): Seen | undefined;
  input(path: string): FileFact | undefined;
  readonly live: boolean;
  readonly inFlight: ReadonlyMap<string, "submitted" | "unresolved">;
}

export interface Observed {
  readonly observations: Facts;
  /** Digests of the two listings: equal means nothing changed on disk. */
  readonly digest: string;
  /** Folders read. */
  readonly folders: number;
}

export interface Seeing {
  readonly outputs: Listing;
  readonly inputs: Listing;
  readonly campaignDir: string;
  readonly live: boolean;
  /** Absent: no job is in a scheduler's hands. */
  readonly inFlight?: Facts["inFlight"];
  /** Where digests of inputs are remembered; absent: nowhere. */
  readonly cacheDir?: string;
}

export function factsOf({ outputs, inputs, campaignDir, live, inFlight = new Map(), cacheDir }: Seeing): Facts {
  return {
    live,
    inFlight,
    output: (path) => outputs.records.output(path),
    input: (path) => {
      const file = absolute(campaignDir, path);
      const fact = inputs.records.file(file);
      return fact && new InputFact(path, fact.size, fact.mtime, file, cacheDir);
    },
  };
}

/** As resolve(), which is slow enough to be seen a million times. */
function absolute(campaignDir: string, path: string): string {
  if (/(^|\/)\.{0,2}(\/|$)/.test(path.slice(1))) return resolve(campaignDir, path);
  return path.startsWith("/") ? path : path.startsWith(".") ? resolve(campaignDir, path) : `${campaignDir}/${path}`;
}

/** Both listings, from start to end. Callers that have something else to do meanwhile start them themselves (listing.ts). */
export async function observe(
  table: JobTable,
  root: string,
  campaignDir: string,
  live: boolean,
  cacheDir?: string,
): Promise<Observed> {
  const pendingOutputs = startOutputListing(root);
  const pendingInputs = startInputListing(inputPlaces(table, campaignDir));
  const [outputs, inputs] = await Promise.all([pendingOutputs.finish(), pendingInputs.finish()]);
  return {
    observations: factsOf({ outputs, inputs, campaignDir, live, ...(cacheDir ? { cacheDir } : {}) }),
    digest: `${outputs.digest}-${inputs.digest}`,
    folders: outputs.folders + inputs.folders,
  };
}
