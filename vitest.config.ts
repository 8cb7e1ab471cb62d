// How tests run: three projects, so that `npx vitest run --project unit` stays short; all see "cmc" as the source and templates as text.
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { viteAssets } from "./scripts/assets.mjs";

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
          include: ["tests/{unit,property,golden,types}/**/*.test.ts"],
          testTimeout: 15_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          // Real processes on a shared machine: what fails twice in a row is a fault, once may be the machine.
          retry: process.env["CI"] ? 1 : 0,
          include: ["tests/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "cluster",
          retry: process.env["CI"] ? 1 : 0,
          include: ["tests/cluster/**/*.test.ts"],
          // One file after another, when the others are done: each has a SLURM of its own.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
