// A campaign's own check: a program that gets the path as its last argument and must exit 0. How programs are run is the caller's.
import type { CheckFact } from "../state/events.ts";

/** `run` rejects when the program fails; a stop passes through. */
export async function commandCheck(
  output: string,
  check: readonly string[],
  path: string,
  run: (argv: readonly string[]) => Promise<unknown>,
): Promise<CheckFact> {
  try {
    await run([...check, path]);
    return { output, check: "command", passed: true, message: `${check[0]!} accepts it` };
  } catch (error) {
    if ((error as { attemptClass?: string }).attemptClass === "cancelled") throw error;
    return {
      output,
      check: "command",
      passed: false,
      message: `refused by ${check.join(" ")}: ${(error as Error).message}`,
    };
  }
}
