// A plan that must not be applied: its refusals become diagnostics, after the plan itself was shown.
import { DiagnosticError } from "../diagnostics/diagnostic.ts";
import type { PlanSummary } from "../plan/types.ts";

export function refuseRefusals({ refusals }: Pick<PlanSummary, "refusals">): void {
  if (refusals.length > 0) throw new DiagnosticError(refusals.map((refusal) => ({ ...refusal, severity: "error" })));
}
