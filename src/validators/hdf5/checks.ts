// Checks of one HDF5 output against its declaration. Reads values only where finite or range ask for them.
import type { Hdf5ChecksIR } from "../../ir/stage.ts";
import type { Json, Scalar } from "../../ir/json.ts";
import type { CheckFact } from "../../state/receipt.ts";
import { attributeCheck } from "./attribute-checks.ts";
import { type Symbols, datasetChecks } from "./dataset-checks.ts";
import { type InspectingReader, openFile } from "./reader.ts";

export interface Hdf5Check {
  readonly output: string;
  readonly path: string;
  readonly checks: Hdf5ChecksIR;
  readonly point: Readonly<Record<string, Scalar>>;
  readonly params: Json;
}

/** What a check found, without the output's name. */
export type Finding = Omit<CheckFact, "output">;

export function findings(check: Hdf5Check): CheckFact[] {
  const name = (finding: Finding): CheckFact => ({ output: check.output, ...finding });
  try {
    return openFile(check.path, (file) => [...checkFile(file, check)].map(name));
  } catch (error) {
    const message = (error as Error).message.replace(`${check.path}: `, "").replace(`${check.path} `, "");
    return [name({ check: "hdf5/readable", passed: false, message })];
  }
}

function* checkFile(file: InspectingReader, { checks, point, params }: Hdf5Check): Generator<Finding> {
  // Listing the groups proves that the root can be read: a file that was killed before its flush opens and has none.
  const present = file.datasets();
  yield { check: "hdf5/readable", passed: true, message: `${present.length} datasets` };
  const symbols: Symbols = new Map();
  for (const [path, expected] of Object.entries(checks.datasets)) yield* datasetChecks(file, path, expected, symbols);
  for (const [name, expected] of Object.entries(checks.attributes))
    yield attributeCheck(file, name, expected, point, params);
  if (!checks.exact) return;
  const listed = new Set(Object.keys(checks.datasets).map((path) => path.replace(/^\/+/, "")));
  const unlisted = present.filter((path) => !listed.has(path));
  const some = unlisted.slice(0, 3).join(", ") + (unlisted.length > 3 ? ` and ${unlisted.length - 3} more` : "");
  yield {
    check: "hdf5/exact",
    passed: unlisted.length === 0,
    message: unlisted.length === 0 ? "only what is listed" : `has datasets that are not listed: ${some}`,
  };
}
