// What moved since a plan was saved, as people say it: `38 jobs completed`. Text only.
import { grouped } from "../plan/grouped.ts";
import type { Cause } from "../plan/stale-cause.ts";
import type { Finding } from "../plan/staleness.ts";

const WORDS: Readonly<Record<Cause, readonly [one: string, many: string]>> = {
  completed: ["job completed", "jobs completed"],
  failed: ["job failed", "jobs failed"],
  interrupted: ["job was interrupted", "jobs were interrupted"],
  taken: ["job is running or queued", "jobs are running or queued"],
  held: ["job is held", "jobs are held"],
  released: ["held job was released", "held jobs were released"],
  accepted: ["change was accepted", "changes were accepted"],
  "input-changed": ["input changed", "inputs changed"],
  "input-gone": ["input is gone", "inputs are gone"],
  "input-arrived": ["input arrived", "inputs arrived"],
  "output-gone": ["output is gone", "outputs are gone"],
  "output-changed": ["output changed", "outputs changed"],
  "output-back": ["output is back as it was", "outputs are back as they were"],
  found: ["output file came or went without a receipt", "output files came or went without a receipt"],
  "other-recipe": [
    "job was run under another version of the campaign",
    "jobs were run under another version of the campaign",
  ],
  "receipt-gone": ["job has no receipt any more", "jobs have no receipt any more"],
  forgotten: ["job outside the campaign was forgotten", "jobs outside the campaign were forgotten"],
  stranger: ["job outside the campaign was run", "jobs outside the campaign were run"],
  follows: ["more job is planned otherwise because of it", "more jobs are planned otherwise because of it"],
  otherwise: ["job is planned otherwise", "jobs are planned otherwise"],
};

/** `2 inputs changed`. */
export function causeText({ cause, count }: Finding): string {
  const [one, many] = WORDS[cause];
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `2 inputs changed: halos/ph1.hdf5 and 1 other`. */
export function exampleOf(finding: Finding): string {
  const others = finding.count - 1;
  const more = others === 0 ? "" : others === 1 ? " and 1 other" : ` and ${grouped(others)} others`;
  return `${causeText(finding)}: ${finding.example}${more}`;
}
