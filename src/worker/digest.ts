// Digests of outputs: sha256 of a file, or of a folder over what is inside. Where they are compared is verify/.
import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { relative } from "node:path";
import type { StageIR } from "../ir/stage.ts";
import { AttemptFailure } from "./failure.ts";
import { fileDigest, filesBelow } from "./file-fact.ts";
import type { PhaseClock } from "./phase-clock.ts";
import type { Execution } from "./run-job.ts";

/** sha256 by output name; those that are not asked for are absent. */
export type Digests = Readonly<Record<string, string>>;

/** Of a folder: sha256 over `path NUL sha256 LF` of the regular files inside, in path order. */
export function contentDigest(path: string, folder: boolean): string {
  if (!folder) return fileDigest(path);
  const files = [...filesBelow(path)].map((file) => ({ file, name: relative(path, file) }));
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const hash = createHash("sha256");
  for (const { file, name } of files) hash.update(`${name}\0${fileDigest(file)}\n`);
  return hash.digest("hex");
}

/** So many bytes take two milliseconds: less than to start a thread. */
const SMALL = 4 << 20;

/** Digests of the outputs whose receipts are to have one, as phase `digest`: the data are in the page cache still. */
export async function digestOutputs(
  { worker, stop }: Execution,
  stage: StageIR,
  paths: Readonly<Record<string, string>>,
  clock: PhaseClock,
): Promise<Digests> {
  const { digests: always = false } = worker.bundle.campaign;
  const wanted = stage.outputs.filter((output) => output.digest ?? always);
  if (wanted.length === 0) return {};
  clock.enter("digest");
  const outputs = wanted.map(({ name, kind }) => ({ path: paths[name]!, folder: kind === "dir" }));
  const small = outputs.every(({ path, folder }) => !folder && lstatSync(path).size <= SMALL);
  const found = small ? outputs.map(({ path }) => fileDigest(path)) : await inThread({ worker, stop }, outputs);
  return Object.fromEntries(wanted.map(({ name }, i) => [name, found[i]!]));
}

async function inThread(
  { worker, stop }: Execution,
  outputs: readonly { readonly path: string; readonly folder: boolean }[],
): Promise<readonly string[]> {
  const reply = await worker.threads.order({ type: "digest", outputs }, {}, stop);
  if (reply.type === "digested") return reply.digests;
  throw new AttemptFailure(
    "exit",
    `reading outputs for their digests: ${reply.type === "threw" ? reply.message : reply.type}`,
  );
}
