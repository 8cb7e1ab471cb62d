// The bundle of a small fixed campaign, file by file, on the delivered local site and on a site that uses every field of a profile.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { CampaignIR } from "../../../src/ir/campaign.ts";
import type { Json } from "../../../src/ir/json.ts";
import { validateBundleIndex, validateIR, validateJobLine } from "../../../src/ir/schema/validate.ts";
import { renderBundle } from "../../../src/render/render-bundle.ts";
import { loadSite } from "../../../src/site/load.ts";
import { expectGolden } from "../../helpers/golden.ts";
import { SAMPLE_IR, samplePlan, sampleTable } from "../../helpers/sample-plan.ts";
import { hasTool } from "../../helpers/tools.ts";

const here = import.meta.dirname;
const bytes = (text: string) => new TextEncoder().encode(text);

/** `measure` is to run in pools where there is a cluster. */
const IR: CampaignIR = {
  ...SAMPLE_IR,
  stages: SAMPLE_IR.stages.map((stage) => (stage.name === "measure" ? { ...stage, mode: "pool" } : stage)),
};

async function render(site: string, ir = IR) {
  return renderBundle({
    plan: samplePlan(sampleTable(ir)),
    campaignDigest: "c".repeat(64),
    site: await loadSite(site, here),
    manifest: bytes("manifest stands here\n"),
    worker: bytes("// worker.mjs stands here\n"),
    hdf5: bytes("// hdf5.mjs stands here\n"),
    stageModules: new Map([
      ["mock", "export default () => {};\n"],
      ["covariance", "export default () => {};\n"],
    ]),
  });
}

/** The same data with every object's names in the opposite order. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => reversed(item)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([name, item]) => [name, reversed(item)])) as T; // prettier-ignore
}

describe.each(["local", "cluster"])("bundle for site %s", (name) => {
  const site = name === "cluster" ? "cluster.yaml" : name;

  it("is as reviewed", async () => expectGolden(`render/${name}`, (await render(site)).files));

  it("is the same when rendered again and when names come in another order", async () => {
    const [first, second, shuffled] = await Promise.all([render(site), render(site), render(site, reversed(IR))]);
    expect(second).toEqual(first);
    expect(shuffled).toEqual(first);
  });

  it("follows its schemas", async () => {
    const { files, digest } = await render(site);
    const json = (path: string) => JSON.parse(Buffer.from(files.get(path)!).toString("utf8")) as Json;
    expect(await validateIR(json("campaign.json"))).toEqual([]);
    expect(await validateBundleIndex(json("bundle.json"))).toEqual([]);
    expect(json("bundle.json")).toMatchObject({ digest });
    for (const [path, content] of files)
      if (path.startsWith("jobs/"))
        for (const line of Buffer.from(content).toString("utf8").trimEnd().split("\n"))
          expect(await validateJobLine(JSON.parse(line))).toEqual([]);
  });

  it("has scripts that bash accepts", async () => {
    const scripts = [...(await render(site)).files].filter(([path]) => /\.(sh|sbatch)$/.test(path));
    expect(scripts.map(([path]) => path)).toEqual([
      "slurm/covariance.sbatch",
      "slurm/measure.sbatch",
      "slurm/mock.sbatch",
      ...(name === "cluster" ? ["slurm/pool.sbatch"] : []),
      "slurm/worker.sh",
      "submit.sh",
    ]);
    for (const [path, content] of scripts)
      expect(spawnSync("bash", ["-n"], { input: content, encoding: "utf8" }).stderr, path).toBe("");
  });

  it.skipIf(!hasTool("shellcheck"))("has scripts that shellcheck accepts", async () => {
    for (const [path, content] of (await render(site)).files)
      if (/\.(sh|sbatch)$/.test(path))
        expect(spawnSync("shellcheck", ["-s", "bash", "-"], { input: content, encoding: "utf8" }).stdout, path).toBe(
          "",
        );
  });
});

it("holds nothing of this machine", async () => {
  for (const [path, content] of (await render("cluster.yaml")).files) {
    const text = Buffer.from(content).toString("utf8");
    expect(text.includes(here) || text.includes(process.cwd()), path).toBe(false);
  }
});
