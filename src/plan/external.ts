// Pass 3: external inputs against the receipt: other paths, other size, time or content. Inputs that are gone leave a result complete.
import type { InputColumn, StageTable } from "../expand/table.ts";
import type { InputIR } from "../ir/stage.ts";
import type { FileFact, Receipt } from "../state/receipt.ts";
import { type JobState, waiversOf } from "../state/job-state.ts";
import type { Draft } from "./draft.ts";
import { digests } from "./freshness.ts";
import { declaredVersion, noteUnversioned } from "./versions.ts";
import { sameTime } from "./time.ts";
import type { Detail } from "./types.ts";

export interface ExternalPort {
  readonly ir: Exclude<InputIR, { kind: "edge" }>;
  readonly column: InputColumn & { readonly kind: "paths" };
}

export function externalInputs(draft: Draft, stage: StageTable): void {
  const ports = externalPorts(stage);
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    const receipt = draft.jobs[row]?.receipt;
    if (!receipt) continue;
    draft.field(row, "inputs", receipt.recipe.inputs !== stage.recipe.inputs.at(i), "input_changed", () => pathDetails(receipt, ports, i, stage)); // prettier-ignore
    if (ports.length === 0) continue;
    const details = factDetails(draft, stage, draft.jobs[row]!, ports, i);
    if (details.length === 0) continue;
    if (draft.change(row, stage, "inputs", "input_changed", details)) draft.unsettled[row] = 1;
  }
}

export function externalPorts(stage: StageTable): readonly ExternalPort[] {
  return stage.stage.inputs.flatMap((ir, p) => {
    const column = stage.inputs[p]!;
    return ir.kind !== "edge" && column.kind === "paths" ? [{ ir, column }] : [];
  });
}

/** Paths of one port of one job, as the campaign names them. */
export function portPaths({ ir, column }: ExternalPort, index: number): readonly string[] {
  const text = column.paths.at(index);
  return ir.kind === "file" ? [text] : (JSON.parse(text) as string[]);
}

function pathDetails(
  receipt: Receipt,
  ports: readonly ExternalPort[],
  index: number,
  stage: StageTable,
): readonly Detail[] {
  const before = new Set(receipt.inputs.map((fact) => fact.path));
  const after = ports.flatMap((port) => portPaths(port, index).map((path) => ({ port: port.ir.port, path })));
  const declared = new Set(after.map((input) => input.path));
  const added = after.filter(({ path }) => !before.has(path));
  const removed = [...before].filter((path) => !declared.has(path)).sort();
  const details = [
    ...added.map(({ port, path }): Detail => ({ type: "input", port, path, what: "added" })),
    ...removed.map((path): Detail => ({ type: "input", port: ports[0]?.ir.port ?? "", path, what: "removed" })),
  ];
  return details.length > 0
    ? details
    : [digests("inputs", "inputs", receipt.recipe.inputs, stage.recipe.inputs.at(index))];
}

function factDetails(
  draft: Draft,
  stage: StageTable,
  job: JobState,
  ports: readonly ExternalPort[],
  index: number,
): Detail[] {
  const receipt = job.receipt!;
  const waived = job.waivers ? waiversOf(job).flatMap(({ inputs = [] }) => inputs) : [];
  const details: Detail[] = [];
  const unversioned: { before: FileFact; now: FileFact }[] = [];
  let gone = false;
  let position = 0;
  for (const port of ports) {
    const version = declaredVersion(port, index);
    for (const path of portPaths(port, index)) {
      const before = factOf(receipt, path, position);
      position += 1;
      const now = draft.observations.input(path);
      const head = { type: "input", port: port.ir.port, path } as const;
      const excuses = waived.filter((fact) => fact.path === path);
      if (now && before && version !== undefined) {
        if (excuses.some((fact) => fact.version === version)) continue;
        if (before.version === undefined) unversioned.push({ before, now });
        else if (before.version !== version && !details.some((detail) => isVersionOf(detail, port.ir.port)))
          details.push({ ...head, what: "version", old: before.version, new: version });
      } else if (now && excuses.some((fact) => changes(port.ir, head, fact, now).length === 0)) continue;
      else if (now && before) details.push(...changes(port.ir, head, before, now));
      else if (now && port.ir.optional && !receipt.adopted) details.push({ ...head, what: "added" });
      else if (before && port.ir.optional) details.push({ ...head, what: "removed" });
      else if (before) gone = true;
    }
  }
  if (details.length === 0) noteUnversioned(draft, stage, unversioned);
  if (gone && details.length === 0) draft.inputsGone += 1;
  return details;
}

/** All files of a port have one version: the first that had another stands for them. */
function isVersionOf(detail: Detail, port: string): boolean {
  return detail.type === "input" && detail.what === "version" && detail.port === port;
}

/** Receipts list inputs in the order of the declaration; the search is for those that do not. */
function factOf(receipt: Receipt, path: string, position: number): FileFact | undefined {
  const there = receipt.inputs[position];
  return there?.path === path ? there : receipt.inputs.find((fact) => fact.path === path);
}

type Head = { readonly type: "input"; readonly port: string; readonly path: string };

function changes(ir: ExternalPort["ir"], head: Head, before: FileFact, now: FileFact): Detail[] {
  const sameSize = before.size === now.size;
  const sameMoment = sameTime(before.mtime, now.mtime);
  if (sameSize && sameMoment) return [];
  if (ir.compare === "content" && before.sha256 !== undefined) {
    // Reading `sha256` may hash the file (observe/): only files whose size or time differ come here.
    const { sha256 } = now;
    if (sha256 === before.sha256) return [];
    if (sha256 !== undefined)
      return [{ ...head, what: "content", old: before.sha256.slice(0, 8), new: sha256.slice(0, 8) }];
  }
  if (!sameSize) return [{ ...head, what: "size", old: String(before.size), new: String(now.size) }];
  return [{ ...head, what: "mtime", old: before.mtime, new: now.mtime }];
}
