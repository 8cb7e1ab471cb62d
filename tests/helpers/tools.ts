// Programs that some tests use and a machine may lack: absent, their tests are skipped with a word; with CI=true they fail.
import { spawnSync } from "node:child_process";

/** For `it.skipIf(!hasTool("sqlite3"))`. */
export function hasTool(name: string): boolean {
  const found = spawnSync("sh", ["-c", `command -v ${name}`], { stdio: "ignore" }).status === 0;
  if (!found && process.env["CI"] === "true") throw new Error(`${name} is needed with CI=true`);
  if (!found) console.warn(`SKIPPED: ${name} is not installed`);
  return found;
}
