// The campaign digest: one sha256 over the IR and every column of the job table.
import { createHash } from "node:crypto";
import type { JobTable } from "../expand/table.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import { canonicalJson } from "../ir/canonical.ts";
import type { Json } from "../ir/json.ts";
import { columnsOf } from "../expand/columns.ts";

export function tableDigest(ir: CampaignIR, table: JobTable): string {
  const hash = createHash("sha256").update(canonicalJson(ir as unknown as Json));
  for (const stage of table.stages)
    for (const { bytes } of columnsOf(stage)) hash.update(`\n${bytes.byteLength}\n`).update(bytes);
  return hash.digest("hex");
}
