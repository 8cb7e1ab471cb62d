// The environment of a stage -> IR: facts whose form is known are checked, the others are taken over as they are.
import type { RunIR } from "../../ir/stage.ts";
import type { Json } from "../../ir/json.ts";
import { isNodeVersion } from "../../ir/node-version.ts";
import { plainJson } from "./plain-json.ts";
import { type Reader, inside, onlyKnown, shown, text, texts } from "./reader.ts";

export interface EnvironmentIR {
  /** Lock files are still named, not read (code/lock-files.ts). */
  readonly environment: Readonly<Record<string, Json>>;
  readonly node?: string;
}

export function environmentIR(execution: Reader, run: RunIR): EnvironmentIR {
  const from = inside(execution, "environment");
  const { node: _, ...facts } = plainJson(from, "environment") as Readonly<Record<string, Json>>;
  if (from.fields.modules !== undefined) checkModules(from);
  if (from.fields.container !== undefined) checkContainer(inside(from, "container"));
  const node = nodeOf(from, run);
  return { environment: facts, ...(node === undefined ? {} : { node }) };
}

function checkModules(from: Reader): void {
  for (const module of texts(from, "modules") ?? [])
    if (!/^\S+$/.test(module))
      from.report(
        "compile/bad-definition",
        `modules names ${shown(module)}, which is no module`,
        [...from.at, "modules"],
        'One word each, as in `module load`: "python/3.11".',
      );
}

function checkContainer(from: Reader): void {
  onlyKnown(from, ["image", "digest"], "container");
  const image = text(from, "image");
  const digest = text(from, "digest");
  if (image === undefined || image.trim() === "")
    from.report("compile/bad-definition", "container names no image", from.at, 'Give { image, digest: "sha256:..." }.');
  if (digest === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest))
    from.report(
      "compile/bad-definition",
      `container: digest is ${shown(from.fields.digest)}; expected sha256: and 64 hexadecimal digits`,
      digest === undefined ? from.at : [...from.at, "digest"],
      "`podman images --digests` prints it; a tag may be given to another image tomorrow.",
    );
}

function nodeOf(from: Reader, run: RunIR): string | undefined {
  const node = text(from, "node");
  if (node === undefined) return undefined;
  if (!isNodeVersion(node))
    from.report(
      "compile/bad-definition",
      `environment: node is ${shown(node)}, which is no version`,
      [...from.at, "node"],
      'Give as much of it as matters: "20", "20.11" or "20.11.1".',
    );
  else if (run.kind === "command")
    from.report(
      "compile/unknown-option",
      "environment: node has no effect on a command: its program is not run by the worker's Node",
      [...from.at, "node"],
      "Remove it, or give the fact another name.",
    );
  return node;
}
