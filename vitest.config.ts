// How tests run: three projects, so that `npx vitest run --project unit` stays short; all see "cmc" as the source and templates as text.
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { viteAssets } from "./scripts/assets.mjs";

/** Real processes on a shared machine, also in unit tests of workers and scripts: what fails twice in a row is a fault, once may be the machine. */
const retry = process.env["CI"] ? 1 : 0;

const shared = {
  plugins: [viteAssets],
  resolve: { alias: [{ find: /^cmc$/, replacement: `${import.meta.dirname}/src/index.ts` }] },
};

export default defineConfig({
  test: {
    pool: "forks",
    // By default one processor is left idle, half of a small machine.
    maxWorkers: availableParallelism(),
    globalSetup: "tests/helpers/build.setup.ts",
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          retry,
          include: ["tests/{unit,property,golden,types}/**/*.test.ts"],
          testTimeout: 15_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          retry,
          include: ["tests/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "cluster",
          retry,
          include: ["tests/cluster/**/*.test.ts"],
          // When the others are done. Each file has a SLURM of its own and mostly waits for its clocks, so two of them take turns.
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
