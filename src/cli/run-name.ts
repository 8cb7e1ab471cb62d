// A run named on the command line: its id, or a diagnostic.
import { fail } from "../diagnostics/diagnostic.ts";
import { runsNamed } from "../insight/history.ts";
import type { State } from "../state/reduce.ts";

/** Throws cli/unknown-run. */
export function oneRun(state: State, name: string): string {
  const found = runsNamed(state.runs.values(), name);
  if (found.length === 1) return found[0]!.run;
  const some = found
    .slice(0, 3)
    .map(({ run }) => run)
    .join(", ");
  const message =
    found.length === 0
      ? `no apply of this campaign is called ${name}`
      : `${name} is the beginning of ${found.length} applies: ${some}`;
  return fail({ code: "cli/unknown-run", message });
}
