// The whole way without a cluster: a rendered bundle, its own scripts, a stand-in sbatch and the real worker from dist/.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { writeBundle } from "../../../src/apply/bundle.ts";
import type { CampaignIR } from "../../../src/ir/campaign.ts";
import { renderBundle } from "../../../src/render/render-bundle.ts";
import { loadSite } from "../../../src/site/load.ts";
import { fakeSlurm } from "../../helpers/fake-sbatch.ts";
import { SAMPLE_IR, samplePlan, sampleTable } from "../../helpers/sample-plan.ts";

const WORKER = resolve(import.meta.dirname, "../../../dist/worker.mjs");

/** The sample campaign with tasks only, which write plain files. */
const IR: CampaignIR = {
  ...SAMPLE_IR,
  stages: SAMPLE_IR.stages.map((stage) => ({
    ...stage,
    inputs: stage.name === "mock" ? [{ kind: "file", port: "halos", compare: "stat", optional: true }] : stage.inputs,
    outputs: [{ kind: "file", name: stage.outputs[0]!.name }],
    run: { kind: "task", entry: `${stage.name}.ts#${stage.name}` },
  })),
};

const COPY = (output: string, text: string) =>
  `export default (ctx) => ctx.writeText(ctx.outputs.${output}, ${text});\n`;
const MODULES = new Map([
  ["mock", COPY("catalog", "String(ctx.params.seed)")],
  ["measure", COPY("spectrum", '"p" + ctx.readText(ctx.inputs.catalog)')],
  ["covariance", COPY("matrix", 'ctx.inputs.spectra.map((one) => ctx.readText(one.path)).join(" ")')],
]);

it("runs a campaign to its last output", async () => {
  const dir = mkdtempSync(join(tmpdir(), "cmc-real-worker-"));
  try {
    const table = sampleTable(IR);
    const stages = table.stages.map(({ argv: _, ...stage }) => stage);
    const bundle = await renderBundle({
      plan: samplePlan({ ...table, stages }),
      campaignDigest: "c".repeat(64),
      site: await loadSite("local", dir),
      manifest: new Uint8Array(0),
      worker: readFileSync(WORKER),
      stageModules: MODULES,
    });
    writeBundle(bundle, join(dir, "bundle"));
    mkdirSync(join(dir, "campaign"));
    const slurm = fakeSlurm(dir);
    const root = join(dir, "root");
    const submitted = spawnSync(
      join(dir, "bundle", "submit.sh"),
      ["--root", root, "--campaign-dir", join(dir, "campaign")],
      {
        env: { ...process.env, PATH: `${slurm.bin}:${process.env["PATH"]}` },
        encoding: "utf8",
      },
    );
    const logs = existsSync(join(root, "logs"))
      ? readdirSync(join(root, "logs")).map((name) => readFileSync(join(root, "logs", name), "utf8"))
      : [];
    expect(submitted.status, submitted.stderr + logs.join("")).toBe(0);
    expect(
      slurm.ended().map((line) => line.split(" ").at(-1)),
      logs.join(""),
    ).toEqual(["0", "0", "0", "0", "0"]);
    expect(readFileSync(join(root, "covariance", "z1.400.bin"), "utf8")).toBe("p17 p18 p19");
    expect(readdirSync(join(root, "staging"))).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
