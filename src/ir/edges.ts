// The edges of a stage in words. A receipt keeps them beside the keys of the upstream jobs, which say of which stage they are.
import type { InputIR } from "./stage.ts";

/** `mocks=catalog`: port and upstream output, in alphabetical order. `nameOf`: what an output is, or was, called. */
export function edgeNames(
  inputs: readonly InputIR[],
  nameOf: (stage: string, output: string) => string = (_, output) => output,
): readonly string[] {
  return inputs
    .flatMap((input) => (input.kind === "edge" ? [`${input.port}=${nameOf(input.from.stage, input.from.output)}`] : []))
    .sort();
}

export function hasQuorum(inputs: readonly InputIR[]): boolean {
  return inputs.some((input) => input.kind === "edge" && input.join === "quorum");
}
