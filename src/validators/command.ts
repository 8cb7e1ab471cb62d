// A campaign's own check: a program that gets the path as its last argument and must exit 0. How programs are run is the caller's.
import type { CheckFact } from "../state/receipt.ts";

/** `run` rejects when the program fails. A program that was ended from outside has given no answer: that passes through. */
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
    if (wasEnded(error)) throw error;
    return {
      output,
      check: "command",
      passed: false,
      message: `refused by ${check.join(" ")}: ${(error as Error).message}`,
    };
  }
}

/** Stopped, or killed by somebody else. A crash (SIGSEGV ...) is the program's own answer. */
function wasEnded(error: unknown): boolean {
  const { attemptClass, facts } = error as { attemptClass?: string; facts?: { signal?: string } };
  if (attemptClass === "cancelled" || attemptClass === "oom") return true;
  return attemptClass === "signal" && (facts?.signal === "SIGKILL" || facts?.signal === "SIGTERM");
}
