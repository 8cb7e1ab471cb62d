// Size bounds of an output. Pure.
import type { SizeIR } from "../ir/stage.ts";
import type { CheckFact } from "../state/receipt.ts";

export function sizeChecks(output: string, bytes: number, bounds: SizeIR): CheckFact[] {
  const facts: CheckFact[] = [];
  const add = (check: string, passed: boolean, than: string): void => {
    facts.push({ output, check, passed, message: `${bytes} bytes ${passed ? "within" : than}` });
  };
  if (bounds.min !== undefined) add("size/min", bytes >= bounds.min, `is less than the least size ${bounds.min}`);
  if (bounds.max !== undefined) add("size/max", bytes <= bounds.max, `is more than the greatest size ${bounds.max}`);
  return facts;
}
