// The campaign's lock for a person's word: a tick that holds it ends by itself, so it is waited for; who works for hours is not.
import { DiagnosticError } from "../diagnostics/diagnostic.ts";
import { acquireLock, type Lock, readLock } from "../state/lock.ts";

/** Commands that end within seconds, or minutes where a scheduler is slow. */
const SHORT: ReadonlySet<string> = new Set([
  "tick",
  "retry",
  "cancel",
  "release",
  "block",
  "forget",
  "rebuild",
  "verify",
]);

export interface Patience {
  readonly user: string;
  readonly now: () => number;
  /** ms; 120,000 if absent. */
  readonly most?: number;
  /** Told once, when there is somebody to wait for. */
  readonly onWait?: (holder: string) => void;
}

/** Throws state/locked. */
export async function acquireLockPatiently(root: string, command: string, patience: Patience): Promise<Lock> {
  const { user, now, most = 120_000, onWait } = patience;
  const until = performance.now() + most;
  for (let told = false; ; told = true) {
    try {
      return acquireLock(root, command, { user, now: now() });
    } catch (error) {
      if (!(error instanceof DiagnosticError) || error.diagnostics[0]?.code !== "state/locked") throw error;
      const holder = readLock(root);
      if (performance.now() > until || (holder && !SHORT.has(holder.command))) throw error;
      if (!told && holder) onWait?.(holder.command);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
