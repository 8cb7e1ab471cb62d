// What a scientist edits, and what it costs: what is computed reruns exactly its jobs and their dependents; how it is run reruns nothing.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { anySpace } from "../helpers/free-space.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, pad, task, type FanInElement, type JobContext } from "cmc";
import { growth } from "./physics.ts";
import { label } from "./text.ts";

const redshift = axis.list("redshift", [0.5, 1.4]);
const seed = axis.range("seed", { count: 3 });
type Point = { redshift: number; seed: number };

function populate(ctx: JobContext<{ amplitude: number; bias: number }, {}, "catalog", Point>): void {
  const value = ctx.params.amplitude * growth(ctx.point.redshift) + ctx.params.bias + ctx.point.seed;
  ctx.metric("value", value);
  ctx.writeText(ctx.outputs.catalog, value + "\\n");
}

export const mock = defineStage({ name: "mock", matrix: [redshift, seed] }, {
  outputs: { catalog: file(({ redshift, seed }) => \`mocks/z\${redshift}/s\${pad(seed, 2)}.txt\`) },
}, {
  run: task(populate, { params: ({ redshift }) => ({ amplitude: 2, bias: redshift > 1 ? 1.25 : 1.5 }) }),
  resources: { walltime: "1m", memory: "100 MB", cpus: 1 },
  retry: { attempts: 2 },
  gates: { positive: { metric: "value", min: 0 } },
  environment: { release: "sha256:aaaa" },
});

export const measure = defineStage({ name: "measure", matrix: [redshift, seed] }, {
  inputs: { catalog: mock.outputs.catalog.each() },
  outputs: { spectrum: file(({ redshift, seed }) => \`spectra/z\${redshift}/s\${pad(seed, 2)}.txt\`) },
}, {
  run: command(({ inputs, outputs }) => ["sh", "-c", '. "$CMC_CAMPAIGN_DIR/measure.sh"', "measure", "--bins", 8, inputs.catalog, outputs.spectrum], { code: ["measure.sh"] }),
});

function summarise(ctx: JobContext<Readonly<Record<string, never>>, { spectra: readonly FanInElement[] }, "table", { redshift: number }>): void {
  ctx.writeText(ctx.outputs.table, label(ctx.point.redshift) + ctx.inputs.spectra.map(({ path }) => ctx.readText(path)).join(""));
}

export const summary = defineStage({ name: "summary", matrix: [redshift] }, {
  inputs: { spectra: measure.outputs.spectrum.all("seed") },
  outputs: { table: file(({ redshift }) => \`summary_z\${redshift}.txt\`) },
}, { run: task(summarise) });

export default defineCampaign({
  name: "edited", version: "v1.0", stages: [mock, measure, summary], outputs: { base: "runs" },
});
`;

const FILES = {
  "campaign.ts": CAMPAIGN,
  "physics.ts": `export function growth(z: number): number {\n  return scale(z) * 2;\n}\nfunction scale(z: number): number {\n  return 1 / (1 + z);\n}\nexport function unused(): number {\n  return 3;\n}\n`,
  "text.ts": `export const label = (z: number): string => "z = " + z + "\\n";\n`,
  "measure.sh": `echo $1 $2 > "$4"; cat "$3" >> "$4"\n`,
};

/** Of everything below mock. */
const DOWNSTREAM = ["measure rerun upstream_changed 6", "summary rerun upstream_changed 2"];

describe("editing a campaign", () => {
  const rig = makeRig(FILES);
  afterAll(rig.dispose);
  beforeAll(async () => {
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(rig.read("runs/edited_v1.0/summary_z1.4.txt")).toBe(
      ["z = 1.4", ...[0, 1, 2].flatMap((seed) => ["--bins 8", String(4 / 2.4 + 1.25 + seed)]), ""].join("\n"),
    );
  });
  afterEach(() => {
    for (const [path, text] of Object.entries(FILES)) rig.write(path, text);
  });

  it("comments, formatting and unused functions rerun nothing", async () => {
    rig.edit("campaign.ts", "  ctx.metric(", "\n  // the number of galaxies\n      ctx.metric(\n");
    rig.edit("physics.ts", "return scale(z) * 2;", "/* growth */ return scale( z )\n * 2;");
    rig.edit("physics.ts", "return 3;", "return 4;");
    rig.edit("text.ts", `"z = "`, `'z = '`);
    expect(await planLines(rig)).toEqual([]);
  });

  it("resources, retries, gates, batch size and descriptions rerun nothing", async () => {
    rig.edit(
      "campaign.ts",
      `walltime: "1m", memory: "100 MB", cpus: 1`,
      `walltime: "3h", memory: "2 GB", cpus: 2, jobType: "io_intensive"`,
    );
    rig.edit(
      "campaign.ts",
      "retry: { attempts: 2 }",
      `retry: { attempts: 5, backoff: { initial: "1m" } }, batchSize: 2`,
    );
    rig.edit(
      "campaign.ts",
      `{ metric: "value", min: 0 }`,
      `{ metric: "value", min: 1, level: "warn" }, small: { metric: "value", max: 9 }`,
    );
    rig.edit(
      "campaign.ts",
      `name: "mock", matrix`,
      `name: "mock", description: "Mock catalogues", tags: ["m"], matrix`,
    );
    rig.edit(
      "campaign.ts",
      `outputs: { base: "runs" }`,
      `description: "D", outputs: { base: "runs" }, execution: { batchSize: 3, maxWorkers: 1 }`,
    );
    expect(await planLines(rig)).toEqual([]);
  });

  it("a reordered matrix, axis or object reruns nothing", async () => {
    rig.edit("campaign.ts", `axis.list("redshift", [0.5, 1.4])`, `axis.list("redshift", [1.4, 0.5])`);
    rig.edit("campaign.ts", `name: "mock", matrix: [redshift, seed]`, `name: "mock", matrix: [seed, redshift]`);
    rig.edit(
      "campaign.ts",
      "{ amplitude: 2, bias: redshift > 1 ? 1.25 : 1.5 }",
      "{ bias: redshift > 1 ? 1.25 : 1.5, amplitude: 2 }",
    );
    expect(await planLines(rig)).toEqual([]);
  });

  it("a parameter reruns its stage and what depends on it, and is named with both values", async () => {
    rig.edit("campaign.ts", "amplitude: 2,", "amplitude: 2.5,");
    expect(await planLines(rig)).toEqual(["mock rerun params_changed 6", ...DOWNSTREAM]);
    const { out } = await rig.cmc(["plan"]);
    expect(
      anySpace(out)
        .replace(/expected [\d.]+ core-s/, "expected N core-s")
        .replace(/[\d.]+ k?B of/, "N kB of"),
    ).toBe(`edited v1.0  14 jobs

mock
  -/+ 6  params_changed    redshift {0.5, 1.4} x seed 0..2
         params.amplitude: 2 -> 2.5 (all; e.g. mock[redshift=0.5,seed=0])

measure
  -/+ 6  upstream_changed  redshift {0.5, 1.4} x seed 0..2
         e.g. measure[redshift=0.5,seed=0]: upstream mock[redshift=0.5,seed=0] (params_changed)

summary
  -/+ 2  upstream_changed  redshift {0.5, 1.4}
         e.g. summary[redshift=0.5]: upstream measure[redshift=0.5,seed=0] (upstream_changed)

-/+ rerun, outputs replaced

Plan: 0 new, 14 rerun, 0 retry, 0 adopt, 0 blocked, 0 unchanged.
Cost: expected N core-s, from 14 receipts; 14 outputs are replaced; N kB of N GB free.
`);
  });

  it("a parameter of one point reruns exactly the jobs of that point", async () => {
    rig.edit("campaign.ts", "1.25 : 1.5", "1.75 : 1.5");
    expect(await planJobs(rig)).toEqual([
      ...[0, 1, 2].map((seed) => `mock[redshift=1.4,seed=${seed}] rerun params_changed`),
      ...[0, 1, 2].map((seed) => `measure[redshift=1.4,seed=${seed}] rerun upstream_changed`),
      "summary[redshift=1.4] rerun upstream_changed",
    ]);
    const { out } = await rig.cmc(["plan", "-v", "--stage", "mock", "--reason", "params_changed"]);
    expect(out).toContain("-/+ mock[redshift=1.4,seed=0]  params_changed\n      params.bias: 1.25 -> 1.75\n");
  });

  it("a changed helper reruns the stages that reach it and names its file", async () => {
    rig.edit("physics.ts", "return 1 / (1 + z);", "return 1 / (1 + z * 1.01);");
    expect(await planLines(rig)).toEqual(["mock rerun code_changed 6", ...DOWNSTREAM]);
    expect((await rig.cmc(["plan"])).out).toContain(
      "code: campaign.ts#populate, in physics.ts (all; e.g. mock[redshift=0.5,seed=0])\n",
    );
  });

  it("a helper of the last stage reruns the last stage alone", async () => {
    rig.edit("text.ts", "z = ", "redshift ");
    expect(await planLines(rig)).toEqual(["summary rerun code_changed 2"]);
    expect((await rig.cmc(["plan"])).out).toContain("code: campaign.ts#summarise, in text.ts");
  });

  it("a file declared as a command's code reruns the command and is named", async () => {
    rig.edit("measure.sh", "echo", "printf '%s %s\\n'");
    expect(await planLines(rig)).toEqual(["measure rerun code_changed 6", "summary rerun upstream_changed 2"]);
    expect((await rig.cmc(["plan"])).out).toContain("code: command, in measure.sh (all;");
  });

  it("an argument of a command reruns it and is shown", async () => {
    rig.edit("campaign.ts", `"--bins", 8`, `"--bins", 16`);
    expect(await planLines(rig)).toEqual(["measure rerun params_changed 6", "summary rerun upstream_changed 2"]);
    expect((await rig.cmc(["plan"])).out).toContain(`params.argv[5]: "8" -> "16" (all;`);
  });

  it("a declared environment reruns what was made in the old one", async () => {
    rig.edit("campaign.ts", "sha256:aaaa", "sha256:bbbb");
    expect(await planLines(rig)).toEqual(["mock rerun env_changed 6", ...DOWNSTREAM]);
  });

  it("an axis that grew runs only the new points; a fan-in over it runs again", async () => {
    rig.edit("campaign.ts", `axis.range("seed", { count: 3 })`, `axis.range("seed", { count: 4 })`);
    expect(await planLines(rig)).toEqual([
      "mock create new 2",
      "measure create new 2",
      "summary rerun upstream_changed 2",
    ]);
    rig.edit("campaign.ts", "[0.5, 1.4]", "[0.5, 1.4, 2]");
    expect(await planLines(rig)).toEqual([
      "mock create new 6",
      "measure create new 6",
      "summary create new 1",
      "summary rerun upstream_changed 2",
    ]);
    expect((await rig.cmc(["plan"])).out).toContain("redshift {0.5, 1.4, 2} x seed 0..3 (6 of 12 combinations)");
  });

  it("a removed axis value is forgotten when it is applied, its files stay, and it comes back for free", async () => {
    rig.edit("campaign.ts", "[0.5, 1.4]", "[0.5]");
    expect(await planLines(rig)).toEqual([
      "measure forget forget 3",
      "mock forget forget 3",
      "summary forget forget 1",
    ]);
    const { out } = await rig.cmc(["plan"]);
    expect(out).toContain(". forget; files kept\n");
    expect(out).toContain("Plan: 0 new, 0 rerun, 0 retry, 0 adopt, 0 blocked, 7 forgotten, 7 unchanged.\n");
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(existsSync(join(rig.dir, "runs/edited_v1.0/mocks/z1.4/s00.txt"))).toBe(true);
    expect(await planLines(rig)).toEqual([]);
    rig.write("campaign.ts", CAMPAIGN);
    expect(await planLines(rig)).toEqual([]);
  });
});
