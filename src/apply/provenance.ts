// What a reviewer needs to follow a result back: metadata/provenance.json, a view of the journal, and the resolved campaign_config.yaml.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JobTable } from "../expand/table.ts";
import type { Site } from "../site/site.ts";
import { type OlderRecord, provenanceOf } from "../state/provenance.ts";
import { replaceFile } from "../state/replace-file.ts";
import type { RunState } from "../state/run-state.ts";
import { resolvedConfig } from "./resolved-config.ts";

const PROVENANCE_FILE = join("metadata", "provenance.json");

/** Equal journals give equal bytes, whatever the file held. */
export function writeProvenance(
  root: string,
  campaign: { readonly name: string; readonly version: string },
  runs: Iterable<RunState>,
): void {
  const file = join(root, PROVENANCE_FILE);
  replaceFile(file, `${JSON.stringify(provenanceOf(campaign, runs, olderRecords(file)), null, 2)}\n`);
}

/** For applies whose journal lacks the facts. Unreadable: there are none. */
function olderRecords(file: string): readonly OlderRecord[] {
  try {
    const { applies } = JSON.parse(readFileSync(file, "utf8")) as { applies?: unknown };
    return Array.isArray(applies) ? applies.filter(isRecord) : [];
  } catch {
    return [];
  }
}

function isRecord(value: unknown): value is OlderRecord {
  return typeof value === "object" && value !== null && typeof (value as { run?: unknown }).run === "string";
}

const HEAD = "# Resolved configuration of the last apply. Written by cmc; editing it changes nothing.\n";

export async function writeConfig(root: string, table: JobTable, site: Site): Promise<void> {
  const { Document, isScalar, visit } = await import("yaml");
  // Shared values are written out: an alias is no help to a reader.
  const document = new Document(resolvedConfig(table, site, root), { aliasDuplicateObjects: false });
  // As people write them: redshifts: [0.5, 1.4].
  visit(document, { Seq: (_, list) => void (list.flow = list.items.every((item) => isScalar(item))) });
  const text = document.toString({ lineWidth: 120, flowCollectionPadding: false });
  replaceFile(join(root, "metadata", "campaign_config.yaml"), HEAD + text);
}
