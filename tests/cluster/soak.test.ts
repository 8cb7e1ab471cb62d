// A soak in small: hundreds of jobs through a real SLURM under random faults, driven by ticks alone. `npm run soak` is the same with 40,000.
// A failure prints the seed; the same seed gives the same intentions, not the same instants.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "vitest";
import { REPOSITORY } from "../helpers/cli.ts";
import { hasCluster } from "./available.ts";

const SOAK = join(REPOSITORY, "scripts", "soak.mjs");

describe.skipIf(!hasCluster())("a soak", () => {
  it.concurrent.for(["arrays", "pool"])(
    "every job once, and nothing left: %s",
    { timeout: 400_000 },
    async (mode, { expect, onTestFinished }) => {
      const seed = process.env["SOAK_SEED"] ?? String(Date.now() % 1_000_000);
      const args = ["--jobs", "300", "--pause", "2000", "--seed", seed, ...(mode === "pool" ? ["--pool"] : [])];
      const child = spawn(process.execPath, [SOAK, ...args]);
      // It ends its cluster and its jobs.
      onTestFinished(() => void child.kill("SIGTERM"));
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
      const code = await new Promise((resolve) => child.on("close", resolve));
      // Also where a second try succeeds: the first one had a reason.
      if (code !== 0) console.error(said);
      expect(code, said).toBe(0);
    },
  );
});
