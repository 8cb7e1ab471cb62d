// Inputs of a stage: ports -> IR. Whether an edge's axes fit is checked here against the upstream stage; whether its jobs exist, in expand/.
import type { Compare, InputIR } from "../../ir/stage.ts";
import { type Reader, flag, inside, isFunction, number, onlyKnown, oneOf, shown, text, texts } from "./reader.ts";
import { didYouMean } from "./suggest.ts";

export interface Shape {
  readonly axes: readonly string[];
  readonly outputs: readonly string[];
}

export function inputIR(
  inputs: Reader,
  port: string,
  own: Shape,
  upstream: (stage: string) => Shape | undefined,
): InputIR | undefined {
  const input = inside(inputs, port);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(port))
    inputs.report("compile/bad-definition", `input name ${shown(port)} is not an identifier`, input.at);
  const kind = oneOf(input, "kind", ["file", "files", "edge"]);
  if (kind === "file" || kind === "files") {
    const options = { ...inside(input, "options"), at: input.at };
    onlyKnown(options, ["compare", "optional"], kind === "file" ? "inputFile(...)" : "inputFiles(...)");
    return {
      kind,
      port,
      ...compareIR(options),
      optional: flag(options, "optional") ?? false,
    };
  }
  return kind === "edge" ? edgeIR(input, port, own, upstream) : undefined;
}

function compareIR(options: Reader): { compare: Compare; version?: string } {
  if (typeof options.fields.compare !== "object" || options.fields.compare === null)
    return { compare: oneOf(options, "compare", ["stat", "content"]) ?? "stat" };
  const declared = inside(options, "compare");
  onlyKnown(declared, ["version"], "compare");
  if (isFunction(declared.fields.version)) return { compare: "version" };
  const version = text(declared, "version");
  if (version === undefined || /^\s*$|\n/.test(version))
    declared.report(
      "compile/bad-definition",
      `compare: version is ${shown(declared.fields.version)}; expected one line of text`,
      [...declared.at, "version"],
      'Give the release of the data: { version: "DR2" }.',
    );
  return { compare: "version", version: version ?? "" };
}

function edgeIR(
  input: Reader,
  port: string,
  own: Shape,
  upstream: (stage: string) => Shape | undefined,
): InputIR | undefined {
  const from = inside(input, "from").fields as { stage: string; output: string };
  const join = oneOf(input, "join", ["each", "all", "quorum"]) ?? "each";
  const over = texts(input, "over") ?? [];
  const source = upstream(from.stage);
  if (!source) {
    input.report(
      "compile/unlisted-stage",
      `input ${port} takes output ${from.output} of stage ${from.stage}, which is not in the campaign`,
      input.at,
      `Add ${from.stage} to the campaign's stages.`,
    );
    return undefined;
  }
  if (!source.outputs.includes(from.output))
    input.report(
      "compile/unknown-output",
      `input ${port} takes output ${from.output}, which stage ${from.stage} does not have`,
      input.at,
      didYouMean(from.output, source.outputs, "outputs"),
    );
  for (const axis of over)
    if (!source.axes.includes(axis))
      input.report(
        "compile/unknown-axis",
        `input ${port} gathers over ${axis}, which is no axis of stage ${from.stage}`,
        input.at,
        didYouMean(axis, source.axes, "axes"),
      );
  if (new Set(over).size < over.length)
    input.report("compile/bad-definition", `input ${port} gathers over one axis twice`, input.at);
  if (join !== "each" && over.length === 0)
    input.report(
      "compile/bad-definition",
      `input ${port} gathers over no axis`,
      input.at,
      "Name the axes, or use each().",
    );
  for (const axis of source.axes)
    if (!over.includes(axis) && !own.axes.includes(axis))
      input.report(
        "compile/unknown-axis",
        `input ${port}: stage ${from.stage} varies with ${axis}, which this stage does not have`,
        input.at,
        `Add ${axis} to the matrix, or gather over it: .all("${axis}").`,
      );
  const fraction = join === "quorum" ? (number(input, "fraction", { above: 0, max: 1 }) ?? 1) : undefined;
  return { kind: "edge", port, from, join, over, ...(fraction === undefined ? {} : { fraction }) };
}
