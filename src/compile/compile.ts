// Campaign module -> Compiled. Unchanged campaigns come from the cache; everything else goes through cold.ts, which alone loads the compiler.
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { JobTable } from "../expand/table.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import { campaignFile } from "./campaign-file.ts";
import { type Remembered, recall, remember } from "./cache/entry.ts";
import { cacheKey } from "./cache/key.ts";
import { cacheBase, compileFolder } from "./cache/place.ts";
import { type Sources, sourcesOf, witness } from "./cache/witness.ts";
import { tableDigest } from "./digest.ts";
import { outside } from "./given.ts";

export interface CompileRequest {
  readonly file: string;
  readonly cwd: string;
  readonly set: Record<string, string>;
  readonly varsFile?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Absent: the usual place (cache/place.ts). null: no cache. */
  readonly cacheDir?: string | null;
  /** Takes the place of the campaign's outputs.base; absolute. */
  readonly base?: string;
  /** What relative listings and defaults of path variables are relative to, where that is not the campaign's folder: it is a checkout. */
  readonly home?: string;
  /** Limit of each step of the evaluation; 60 unless said. */
  readonly seconds?: number;
  /** Texts of modules instead of what is on disk, by absolute path: no cache is read or written. */
  readonly texts?: ReadonlyMap<string, string>;
}

/** A campaign as it is planned and applied, wherever it comes from: a compilation, or a saved plan. */
export interface ReadyCampaign {
  readonly ir: CampaignIR;
  table(): JobTable;
  readonly digest: string;
  readonly campaignDir: string;
  readonly root: string;
  stageModules(): Promise<ReadonlyMap<string, string>>;
  /** Where other caches may go too; undefined: nowhere. */
  readonly cacheDir: string | undefined;
}

export interface Compiled extends ReadyCampaign {
  /** The campaign module, absolute. */
  readonly file: string;
  readonly warnings: readonly Diagnostic[];
  readonly fromCache: boolean;
  /** The user's own files and folders that it was computed from. */
  readonly sources: Sources;
}

interface Place {
  readonly file: string;
  readonly campaignDir: string;
  readonly base: string | undefined;
  readonly cacheDir: string | undefined;
}

export async function compile(request: CompileRequest): Promise<Compiled> {
  const file = campaignFile(request.file, request.cwd);
  const given = await outside(request);
  const cacheDir = cacheBase(request.env, request.texts ? null : request.cacheDir);
  const folder = cacheDir && compileFolder(cacheDir);
  const key = cacheKey(file, given);
  const campaignDir = dirname(file);
  const known = folder && recall(folder, key);
  const place = { file, campaignDir, base: request.base, cacheDir };
  if (known) return compiled(known, place, known.table, known.sources, true);

  const { compileCold } = await import("./cold.ts");
  const { ir, table, warnings, entries, files, listings } = await compileCold(
    file,
    request.cwd,
    given,
    request.seconds ?? 60,
    request.texts,
  );
  const fresh = { ir, digest: tableDigest(ir, table), warnings, entries };
  const seen = witness(files, campaignDir, listings);
  if (folder) remember(folder, key, { ...fresh, table, witness: seen });
  return compiled(fresh, place, () => table, sourcesOf(seen), false);
}

function compiled(
  { ir, digest, warnings, entries }: Remembered,
  { file, campaignDir, base, cacheDir }: Place,
  load: () => JobTable,
  sources: Sources,
  fromCache: boolean,
): Compiled {
  let table: JobTable | undefined;
  return {
    ir, digest, file, campaignDir, cacheDir, warnings, fromCache, sources,
    table: () => (table ??= load()),
    root: resolve(campaignDir, base ?? ir.base, `${ir.name}_${ir.version}`),
    stageModules: async () => (await import("./code/modules.ts")).stageModules(entries, campaignDir),
  }; // prettier-ignore
}
