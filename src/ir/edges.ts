// The edges of a stage in words. A receipt keeps them beside the keys of the upstream jobs, which say of which stage they are.
import type { InputIR } from "./campaign.ts";

/** `mocks=catalog`: port and upstream output, in alphabetical order. */
export function edgeNames(inputs: readonly InputIR[]): readonly string[] {
  return inputs.flatMap((input) => (input.kind === "edge" ? [`${input.port}=${input.from.output}`] : [])).sort();
}

export function hasQuorum(inputs: readonly InputIR[]): boolean {
  return inputs.some((input) => input.kind === "edge" && input.join === "quorum");
}
