// Inputs of one job where it runs: absolute paths, presence, and the facts the receipt keeps of external files.
import { isAbsolute, join } from "node:path";
import type { FanInElement, InputValue } from "../author/context.ts";
import type { InputIR, StageIR } from "../ir/stage.ts";
import type { EdgeElement, JobLine } from "../ir/job.ts";
import { hasQuorum } from "../ir/edges.ts";
import type { FileFact } from "../state/receipt.ts";
import { AttemptFailure } from "./failure.ts";
import { fileFact, statFile } from "./file-fact.ts";

export interface Places {
  readonly root: string;
  readonly campaignDir: string;
}

type ExternalIR = Exclude<InputIR, { kind: "edge" }>;

export interface ResolvedInputs {
  readonly values: Readonly<Record<string, InputValue>>;
  /** External files only, by the path the job names: outputs of other stages are known by their own receipts. */
  readonly facts: readonly FileFact[];
  /** Keys of the upstream jobs that are used; only of stages with a quorum, where those are not told by the campaign. */
  readonly upstreamUsed?: readonly string[];
}

/** Throws missing-input naming up to three files that are not there. */
export function resolveInputs(stage: StageIR, job: JobLine, places: Places, omit: ReadonlySet<string>): ResolvedInputs {
  const values: Record<string, InputValue> = {};
  const facts: FileFact[] = [];
  const missing: string[] = [];
  const used: string[] = [];

  const external = (port: ExternalIR, name: string, version = port.version): string => {
    const path = isAbsolute(name) ? name : join(places.campaignDir, name);
    const stats = statFile(path);
    if (stats)
      facts.push({
        ...fileFact(name, path, stats, port.compare === "content"),
        ...(version === undefined ? {} : { version }),
      });
    else if (!port.optional) missing.push(name);
    return path;
  };
  const upstream = (element: EdgeElement): FanInElement => {
    const path = join(places.root, element.path);
    if (!statFile(path)) missing.push(`${element.path} (of ${element.key})`);
    return { path, point: element.point };
  };

  for (const port of stage.inputs) {
    const input = job.inputs[port.port];
    if (!input) throw new Error(`job ${job.key} has no input ${port.port}`);
    if (input.kind === "file" && port.kind !== "edge") values[port.port] = external(port, input.path, input.version);
    else if (input.kind === "files" && port.kind !== "edge")
      values[port.port] = input.paths.map((path) => external(port, path, input.version));
    else if (input.kind === "edge" && port.kind === "edge") {
      const elements = input.elements.filter((element) => !omit.has(element.key));
      used.push(...elements.map((element) => element.key));
      const found = elements.map(upstream);
      values[port.port] = port.join === "each" ? found[0]!.path : found;
    }
  }
  if (missing.length > 0) {
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : "";
    throw new AttemptFailure("missing-input", `not there: ${missing.slice(0, 3).join(", ")}${more}`);
  }
  return { values, facts, ...(hasQuorum(stage.inputs) ? { upstreamUsed: [...new Set(used)] } : {}) };
}
