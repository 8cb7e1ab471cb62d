// Whether a SLURM cluster can be had on this machine, its packages installed if need be. Not its start: cluster/start.mjs.
import { whyNoCluster } from "./cluster/packages.mjs";

/** For `describe.skipIf(!hasCluster())`: where there is none, its tests are skipped with a word; with CI=true they fail. */
export function hasCluster({ accounting = true } = {}): boolean {
  const reason = whyNoCluster(accounting);
  if (reason !== undefined && process.env["CI"] === "true") throw new Error(`with CI=true: ${reason}`);
  if (reason !== undefined) console.warn(`SKIPPED: no SLURM cluster: ${reason}`);
  return reason === undefined;
}
