// A YAML production becomes a campaign: import, check, plan, build, with the job list worked out from the YAML by other means.
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadHdf5 } from "../../src/validators/hdf5/entry.ts";
import { differences, filesIn, snapshot } from "../helpers/folder.ts";
import { makeRig, REPOSITORY, type Rig } from "../helpers/cli.ts";
import { planLines } from "../helpers/plan-lines.ts";

const FIXTURES = join(REPOSITORY, "tests", "fixtures", "import");
const PRODUCTIONS = join(REPOSITORY, "..", "shared", "data", "productions");

interface Yaml {
  readonly production: { readonly name: string; readonly version?: string };
  readonly science: {
    readonly redshifts: readonly number[];
    readonly realizations: { readonly start: number; readonly count: number };
  };
  readonly execution: { readonly batch_size: number; readonly job_type: string };
  readonly outputs: { readonly base_path: string };
}

/** As run_production.py goes through them: realizations outside, redshifts inside. */
function jobsOf(realizations: readonly number[], redshifts: readonly number[]): string[] {
  return realizations.flatMap((realization) =>
    redshifts.map((redshift) => `mock[realization=${realization},redshift=${redshift}]`),
  );
}

const numbers = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i);

describe("a stand-in production", () => {
  const rig = makeRig(
    Object.fromEntries(
      readdirSync(FIXTURES).map((name) => [`yaml/${name}`, readFileSync(join(FIXTURES, name), "utf8")]),
    ),
  );
  afterAll(() => rig.dispose());

  it("is imported, and the next commands are said", async () => {
    const { code, out, err } = await rig.cmc(["import", "yaml/survey.yaml"]);
    expect({ code, out }).toEqual({
      code: 0,
      out: `survey v0.2-beta  114 jobs  from yaml/survey.yaml
  campaigns/survey/sites/nersc.yaml
  campaigns/survey/campaign.ts
Next:
  cmc check campaigns/survey
  cmc plan campaigns/survey
`,
    });
    expect(err).toContain(
      "warning import/not-expressed: keep_logs_days 30 is left out: cmc keeps all logs\n  yaml/survey.yaml:36:21\n",
    );
    expect(filesIn(join(rig.dir, "campaigns"))).toEqual(["survey/campaign.ts", "survey/sites/nersc.yaml"]);
  });

  it("is what the YAML says: jobs in their order, paths, command, batches, resources, retries", async () => {
    expect(await rig.cmc(["check", "survey"])).toMatchObject({ code: 0, err: "" });
    const realizations = [3000, 3001, 3003, 3004, 3005, 3107];
    const redshifts = [...Array.from({ length: 16 }, (_, i) => (i + 2) / 10), 0.25, 2, 2.5].sort((a, b) => a - b);
    const plan = await rig.cmc(["plan", "survey", "--list"]);
    expect(plan.out.trim().split("\n")).toEqual(jobsOf(realizations, redshifts));

    const job = (await rig.json(["show", "mock[realization=3107,redshift=0.25]", "survey"]))[1]!;
    expect(job).toMatchObject({
      root: "/global/cfs/cdirs/m0000/mocks/productions/survey_v0.2-beta",
      outputs: { catalog: "catalogs/r3107/mock_z0.250.hdf5" },
      params: { cosmology: "AbacusSummit", magnitude_limit: 25, area_deg2: 1000 },
    });
    expect(job["argv"]).toEqual([
      ...["srun", "-n", "4", "python", join(rig.dir, "campaigns/survey/scripts/generate_single_mock.py"), "nersc"],
      ...[expect.stringContaining("catalog"), "--realization", "3107", "--redshift", "0.25"],
    ]);

    expect((await rig.cmc(["build", "survey", "--site", "campaigns/survey/sites/nersc.yaml", "--out", "bundles", "--base", "/global/cfs/x"])).code).toBe(0); // prettier-ignore
    const built = filesIn(join(rig.dir, "bundles"));
    const read = (name: string) =>
      rig.read(
        join(
          "bundles",
          built.find((path) => path.endsWith(name))!,
        ),
      );
    const script = read("slurm/mock.sbatch");
    for (const option of [
      "account=m0000_g",
      "qos=regular",
      "constraint=gpu",
      "time=00:",
      "nodes=2",
      "ntasks=4",
      "cpus-per-task=32",
      "gpus-per-node=4",
      `mem=${Math.ceil(128e9 / 2 ** 20)}M`,
    ])
      expect(script).toContain(`#SBATCH --${option}`);
    expect((JSON.parse(read("batches.json")) as readonly { count?: number; jobs?: unknown }[]).length).toBe(
      Math.ceil(114 / 4),
    );
    const { stages } = JSON.parse(read("campaign.json")) as { stages: readonly Record<string, unknown>[] };
    expect(stages[0]).toMatchObject({
      resources: { walltime: 600, memory: 256e9, tasks: 4, cpus: 128 },
      retry: { attempts: 4, backoff: { initial: 900, factor: 2 } },
      environment: { rgrspit_diffsky: "0.3.1" },
    });
  });

  it("is not imported twice over what somebody changed, and again with --force", async () => {
    expect((await rig.cmc(["import", "yaml/survey.yaml"])).out).toContain("campaign.ts  as it was\n");
    rig.edit("campaigns/survey/campaign.ts", "batchSize: 4", "batchSize: 5");
    const before = snapshot(rig.dir, [".cache"]);
    const refused = await rig.cmc(["import", "yaml/survey.yaml"]);
    expect(refused).toMatchObject({ code: 3, out: "" });
    expect(refused.err)
      .toContain(`error import/exists: campaigns/survey/campaign.ts is there and says something else: nothing was written
  remedy: Name another folder with --out DIR, or replace it with --force.
`);
    expect(differences(before, snapshot(rig.dir, [".cache"]))).toEqual([]);
    expect((await rig.cmc(["import", "yaml/survey.yaml", "--force"])).code).toBe(0);
    expect(rig.read("campaigns/survey/campaign.ts")).toContain("batchSize: 4");
  });

  it("--out and --json", async () => {
    const objects = await rig.json(["import", "yaml/survey.yaml", "--out", "elsewhere"]);
    expect(objects.filter(({ type }) => type !== "diagnostic")).toEqual([
      expect.objectContaining({ type: "version", command: "import" }),
      {
        type: "imported",
        source: "yaml/survey.yaml",
        dir: join(rig.dir, "elsewhere"),
        name: "survey",
        version: "v0.2-beta",
        jobs: 114,
        files: ["sites/nersc.yaml", "campaign.ts"].map((path) => ({
          path: join(rig.dir, "elsewhere", path),
          written: true,
        })),
        next: ["cmc check elsewhere", "cmc plan elsewhere"],
      },
    ]);
  });

  it("a fault is shown where it stands, and nothing is written", async () => {
    rig.write("yaml/bad.yaml", "extends: survey.yaml\nexecution:\n  batchsize: 3\n");
    const before = snapshot(rig.dir, [".cache"]);
    expect(await rig.cmc(["import", "yaml/survey.yaml", "yaml/bad.yaml", "--out", "bad"])).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringContaining(`error import/unknown-key: 'execution' has an unknown key 'batchsize'
  yaml/bad.yaml:3:3
  2 | execution:
  3 |   batchsize: 3
    |   ^^^^^^^^^
  4 | 
  remedy: Did you mean batch_size? The keys: job_type, batch_size, timeout_hours, retry_policy.
`) as string,
    });
    expect(differences(before, snapshot(rig.dir, [".cache"]))).toEqual([]);
  });
});

describe("a production whose script is in reach", () => {
  // Called as the production calls it; writes what it was asked for in a word beside its catalogue.
  const PYTHON = '#!/bin/sh\n[ -f "$1" ] || exit 3\ncp "$TINY" "$3" && echo "$2 $4 $5 $6 $7" >> "$LOG"\n';
  const rig = makeRig({
    "bin/python": PYTHON,
    "scripts/generate_single_mock.py": "# not Python\n",
    "config/defaults/nersc.yaml":
      "resources: { account: m0000, nodes_per_job: 1, tasks_per_node: 1 }\njob_type_overrides: {}\n",
    "config/productions/tiny.yaml": `production: { name: tiny, description: three small boxes for a test }
science: { cosmology: custom, redshifts: [1.1], realizations: { start: 0, count: 3 } }
execution: { job_type: balanced, batch_size: 2, timeout_hours: 1 }
outputs: { base_path: DATA }
`,
  });
  rig.edit("config/productions/tiny.yaml", "DATA", join(rig.dir, "data"));
  chmodSync(join(rig.dir, "bin/python"), 0o755);
  const env = {
    PATH: `${join(rig.dir, "bin")}:${process.env["PATH"]}`,
    TINY: join(rig.dir, "tiny.hdf5"),
    LOG: join(rig.dir, "log"),
  };
  afterAll(() => rig.dispose());

  it("runs, takes over what is there, and runs again when the script changes", async () => {
    const { create } = await loadHdf5();
    create(join(rig.dir, "tiny.hdf5"), (file) =>
      file.dataset("x", { dtype: "f4", shape: [], data: new Float32Array(1) }),
    );
    // What run_production.py made last year.
    const root = join("data", "productions", "tiny_v1.0");
    rig.write(join(root, "catalogs/r0002/mock_z1.100.hdf5"), "");
    copyFileSync(join(rig.dir, "tiny.hdf5"), join(rig.dir, root, "catalogs/r0002/mock_z1.100.hdf5"));

    expect((await rig.cmc(["import", "config/productions/tiny.yaml"])).code).toBe(0);
    expect(await planLines(rig, ["tiny", "--adopt"])).toEqual(["mock create new 2", "mock adopt adopt 1"]);
    const apply = await rig.cmc(["apply", "tiny", "--adopt", "--auto-approve", "--allow-dirty"], env);
    expect(apply).toMatchObject({ code: 0 });
    expect(rig.read("log").trim().split("\n").sort()).toEqual(
      [0, 1].map((r) => `nersc --realization ${r} --redshift 1.1`),
    );
    expect(await planLines(rig, ["tiny"])).toEqual([]);
    rig.write("scripts/generate_single_mock.py", "# another\n");
    expect(await planLines(rig, ["tiny"])).toEqual(["mock rerun code_changed 3"]);
  });
});

const there = existsSync(PRODUCTIONS);
if (!there) console.warn(`${PRODUCTIONS} is not there: real productions are not imported in this run`);

describe.skipIf(!there)(`real productions (skipped where ../shared/data/productions is absent)`, () => {
  const names = there ? readdirSync(PRODUCTIONS).filter((name) => name.endsWith(".yaml")) : [];
  const yaml = (name: string) => parse(readFileSync(join(PRODUCTIONS, name), "utf8")) as Yaml;
  const productions = names.filter((name) => yaml(name).science?.redshifts);
  let rig: Rig;
  beforeAll(() => (rig = makeRig()));
  afterAll(() => rig.dispose());

  it("all files at once: productions are imported, of the others it is said what they are", async () => {
    const { code, out } = await rig.cmc(["import", ...names.map((name) => join(PRODUCTIONS, name))]);
    expect(code).toBe(0);
    expect(productions.length).toBeGreaterThan(0);
    for (const name of names)
      expect(out).toMatch(productions.includes(name) ? new RegExp(`jobs  from .*${name}\n`) : new RegExp(`${name}: nothing to import; `)); // prettier-ignore
  });

  it.each(productions)("%s plans to the jobs and batches of the YAML", async (name) => {
    const { production, science, execution, outputs } = yaml(name);
    expect(await rig.cmc(["check", production.name])).toMatchObject({ code: 0, err: "" });
    const plan = await rig.cmc(["plan", production.name, "--list", "--base", rig.dir]);
    const { start, count } = science.realizations;
    expect(plan.out.trim().split("\n")).toEqual(jobsOf(numbers(start, count), science.redshifts));
    expect(rig.read(`campaigns/${production.name}/campaign.ts`)).toContain(`base: "${outputs.base_path}/productions"`);
    const [first] = jobsOf([start], science.redshifts);
    expect(JSON.stringify(await rig.json(["show", first!, production.name]))).toContain(
      `catalogs/r${String(start).padStart(4, "0")}/mock_z${science.redshifts[0]!.toFixed(3)}.hdf5`,
    );
    const site = `campaigns/${production.name}/sites/nersc.yaml`;
    const profile = (await rig.json(["site", "show", site])).at(-1);
    const machine = parse(readFileSync(join(PRODUCTIONS, "nersc.defaults.yaml"), "utf8")) as {
      job_type_overrides: Readonly<Record<string, Readonly<Record<string, number>>>>;
    };
    for (const [type, said] of Object.entries(machine.job_type_overrides))
      expect((profile!["jobTypes"] as Record<string, unknown>)[type]).toMatchObject({
        resources: {
          walltime: said["timeout_hours"]! * 3600,
          nodes: said["nodes_per_job"],
          gpus: (said["gpus_per_node"] ?? 0) * said["nodes_per_job"]!,
          memory: said["memory_gb"]! * said["nodes_per_job"]! * 1e9,
        },
      });
    expect(rig.read(`campaigns/${production.name}/campaign.ts`)).toContain(
      `jobType: "${execution.job_type}", batchSize: ${execution.batch_size} `,
    );
  });
});
