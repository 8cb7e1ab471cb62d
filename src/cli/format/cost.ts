// The cost line: what is declared as a bound, what receipts measured as an expectation, and what would be written over.
import type { PlanCost } from "../../plan/types.ts";
import { coreTime } from "./amount.ts";
import { grouped } from "../../plan/grouped.ts";

export function costLine(cost: PlanCost): string {
  if (cost.runs === 0) return "nothing to run.";
  const { upperCoreHours, expectedCoreHours } = cost;
  const measured =
    expectedCoreHours === undefined
      ? ""
      : `${coreTime(expectedCoreHours)}${coverage(cost)}, from ${receipts(cost.fromReceipts)}`;
  const time =
    upperCoreHours !== undefined
      ? `up to ${coreTime(upperCoreHours)}${measured ? ` (expected ${measured})` : ""}`
      : measured
        ? `expected ${measured}`
        : "not known: no walltime is declared and there are no receipts to go by";
  return `${time}; ${replaced(cost.outputsReplaced)}.`;
}

function coverage({ expectedJobs, runs }: PlanCost): string {
  return expectedJobs < runs ? ` for ${grouped(expectedJobs)} of ${grouped(runs)} jobs` : "";
}

function receipts(number: number): string {
  return `${grouped(number)} ${number === 1 ? "receipt" : "receipts"}`;
}

function replaced(number: number): string {
  if (number === 0) return "no output is replaced";
  return number === 1 ? "1 output is replaced" : `${grouped(number)} outputs are replaced`;
}
