// An explanation as objects for --json: one object, then one an attempt. The version line stands before them.
import type { Explanation } from "../../plan/explain.ts";

export function* explanationObjects({ attempts, ...job }: Explanation): Iterable<object> {
  yield { type: "job", ...job };
  for (const attempt of attempts) {
    const { end, ...start } = attempt;
    const { receipt: _, ...ended } = end ?? {};
    yield { type: "attempt", ...start, ...ended };
  }
}
