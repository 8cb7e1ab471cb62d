// An explanation as objects for --json: one object, then one an attempt. The version line stands before them.
import type { Explanation } from "../../plan/explain.ts";
import type { JobProgress } from "./explain.ts";

export function* explanationObjects({ attempts, ...job }: Explanation, progress?: JobProgress): Iterable<object> {
  yield { type: "job", ...job, ...(progress ? { progress } : {}) };
  for (const attempt of attempts) {
    const { end, ...start } = attempt;
    const { receipt: _, ...ended } = end ?? {};
    yield { type: "attempt", ...start, ...ended };
  }
}
