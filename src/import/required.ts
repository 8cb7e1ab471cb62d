// What a production cannot do without, once its templates and the machine's defaults have been heard.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Layers } from "./layers.ts";
import type { Path } from "./yaml-file.ts";

const REQUIRED: readonly (readonly Path[])[] = [
  [
    ["production", "name"],
    ["campaign", "name"],
  ],
  [
    ["production", "description"],
    ["campaign", "description"],
  ],
  [["science", "cosmology"]],
  [["science", "redshifts"]],
  [["science", "realizations", "start"]],
  [["science", "realizations", "count"]],
  [["execution", "job_type"]],
  [["execution", "batch_size"]],
  [["outputs", "base_path"]],
];

export function missing(layers: Layers): Diagnostic[] {
  const [production] = layers.files;
  return REQUIRED.filter((paths) => layers.find(...paths) === undefined).map(([path]) => {
    const section = path!.slice(0, -1);
    const name = String(path!.at(-1));
    return {
      code: "import/bad-value",
      severity: "error",
      message: `'${section.join(".")}' has no '${name}'`,
      span: production!.keySpan(section),
      remedy: `Add ${path!.join(".")} to ${production!.name}, or to what it extends.`,
    };
  });
}
