// What import refuses, and that it says where: unknown keys, bad values, templates, machines, what cmc cannot express.
import { describe, expect, it } from "vitest";
import { faults, imported, made, MACHINE, production, shown } from "./scratch.ts";

const of = async (files: Readonly<Record<string, string>>) => (await faults(files)).map(shown);

describe("keys and values", () => {
  it("an unknown key is an error where it stands, with what is meant", async () => {
    const text = `production:
  name: tiny
  versoin: v1.0
  description: a production for a test
science:
  cosmology: AbacusSummit
  redshifts: [1.0]
  realizations: { start: 0, count: 2 }
execution:
  job_type: balanced
  batch_size: 10
  max_retries: 3
outputs: { base_path: /data, chunks: 4 }
notes: none
`;
    const found = await faults({ "tiny.yaml": text });
    expect(found.map(shown)).toEqual([
      "unknown-key tiny.yaml:14:1+5 tiny.yaml has an unknown key 'notes'",
      "unknown-key tiny.yaml:3:3+7 'production' has an unknown key 'versoin'",
      "unknown-key tiny.yaml:12:3+11 'execution' has an unknown key 'max_retries'",
      "unknown-key tiny.yaml:13:30+6 'outputs' has an unknown key 'chunks'",
    ]);
    expect(found.map(({ remedy }) => remedy)).toEqual([
      expect.stringContaining("The keys: extends, production"),
      expect.stringContaining("Did you mean version?"),
      "Write it below execution.retry_policy.",
      expect.stringContaining("The keys: base_path, structure"),
    ]);
    expect(found[1]!.span!.lines!.map((line) => line.text)).toEqual([
      "  name: tiny",
      "  versoin: v1.0",
      "  description: a production for a test",
    ]);
  });

  it("a bad value is an error where it stands", async () => {
    const text = production({
      production: "{ name: 1st, version: one, description: short }",
      science: "{ cosmology: LCDM, redshifts: [1.0, eleven], realizations: { start: 0, count: 0 } }",
      execution: "{ job_type: gpu, batch_size: 1.5, timeout_hours: 100, retry_policy: { max_retries: 11 } }",
      resources: "{ account: m1 --wrap=x, nodes_per_job: two, memory_gb: 0 }",
      outputs: "",
    });
    expect(await of({ "tiny.yaml": text })).toEqual([
      "bad-value tiny.yaml:1:21+3 'production.name' is \"1st\", not a name of letters, digits, dot, underscore and hyphen that begins with a letter",
      "bad-value tiny.yaml:1:35+3 'production.version' is \"one\", not a version such as v1.0, v2.1.3, v1.0-beta",
      "bad-value tiny.yaml:1:53+5 'production.description' is \"short\", not text of 10 to 500 characters",
      "bad-value tiny.yaml:2:23+4 'science.cosmology' is \"LCDM\", not one of AbacusSummit, Planck18, WMAP9, custom",
      "bad-value tiny.yaml:2:46+6 'science.redshifts.1' is \"eleven\", not a redshift from 0 to 10",
      "bad-value tiny.yaml:2:88+1 'science.realizations.count' is 0, not a whole number from 1 to 10000",
      "bad-value tiny.yaml:3:24+3 'execution.job_type' is \"gpu\", not one of cpu_intensive, gpu_intensive, memory_intensive, io_intensive, balanced",
      "bad-value tiny.yaml:3:41+3 'execution.batch_size' is 1.5, not a whole number from 1 to 1000",
      "bad-value tiny.yaml:3:61+3 'execution.timeout_hours' is 100, not hours from 0.1 to 72",
      "bad-value tiny.yaml:3:95+2 'execution.retry_policy.max_retries' is 11, not a whole number from 0 to 10",
      "bad-value tiny.yaml:5:23+11 'resources.account' is \"m1 --wrap=x\", not one word without quotes",
      "bad-value tiny.yaml:5:51+3 'resources.nodes_per_job' is \"two\", not a whole number from 1 to 100",
      "bad-value tiny.yaml:5:67+1 'resources.memory_gb' is 0, not gigabytes from 1 to 1000",
      "bad-value tiny.yaml:4:1+7 'outputs' is empty, not a map of keys and values",
    ]);
  });

  it("what is missing is said of the section", async () => {
    const text = production({ science: "{ cosmology: AbacusSummit, realizations: { count: 2 } }", outputs: "{}" });
    expect(await of({ "tiny.yaml": text })).toEqual([
      "bad-value tiny.yaml:2:1+7 'science' has no 'redshifts'",
      "bad-value tiny.yaml:2:37+12 'science.realizations' has no 'start'",
      "bad-value tiny.yaml:4:1+7 'outputs' has no 'base_path'",
    ]);
  });

  it("no YAML, a repeated key, a file that is not there", async () => {
    expect(await of({ "tiny.yaml": "production: [\n" })).toEqual([expect.stringMatching(/^syntax tiny.yaml:2:1\+1 /)]);
    expect(await of({ "tiny.yaml": `${production()}outputs: {}\n` })).toEqual([
      "syntax tiny.yaml:5:1+1 Map keys must be unique",
    ]);
    expect(await of({ "tiny.yaml": "production: *x\n" })).toEqual([
      "syntax tiny.yaml:1:1+1 Unresolved alias (the anchor must be set before the alias): x",
    ]);
    expect(await of({ "tiny.yaml": `${production()}---\n${production()}` })).toEqual([
      "syntax tiny.yaml:5:1+3 Source contains multiple documents",
    ]);
    expect(await of({})).toEqual(["not-found tiny.yaml: there is no such file"]);
  });

  it("every faulty file of several is heard, and nothing is made", async () => {
    const files = {
      "a.yaml": production({ extra: "1" }),
      "b.yaml": production({ outputs: "{}" }),
      "c.yaml": production(),
    };
    await expect(imported(files, ["a.yaml", "b.yaml", "c.yaml"])).rejects.toMatchObject({
      diagnostics: [{ code: "import/unknown-key" }, { code: "import/bad-value" }],
    });
  });
});

describe("templates and machines", () => {
  it("a template that is not there", async () => {
    expect(await of({ "tiny.yaml": `extends: base.yaml\n${production()}` })).toEqual([
      "not-found tiny.yaml:1:10+9 the template base.yaml: there is no such file",
    ]);
  });

  it("a circle", async () => {
    const files = {
      "tiny.yaml": `extends: sub/base.yaml\n${production()}`,
      "sub/base.yaml": "extends: ../tiny.yaml\n",
    };
    expect(await of(files)).toEqual([
      "cycle sub/base.yaml:1:10+12 tiny.yaml extends base.yaml extends ../tiny.yaml: a production cannot extend itself",
    ]);
  });

  it("a fault in a template is shown there", async () => {
    const files = { "tiny.yaml": `extends: base.yaml\n${production()}`, "base.yaml": "outputs:\n  base: /data\n" };
    expect(await of(files)).toEqual(["unknown-key base.yaml:2:3+4 'outputs' has an unknown key 'base'"]);
  });

  it("a fault in the machine's defaults is shown there", async () => {
    const machine = "job_type_overrides:\n  balanced: { nodes: 2 }\n  huge: {}\n";
    expect(await of({ "tiny.yaml": production(), "nersc.defaults.yaml": machine })).toEqual([
      "unknown-key nersc.defaults.yaml:3:3+4 'job_type_overrides' has an unknown key 'huge'",
      "unknown-key nersc.defaults.yaml:2:15+5 'job_type_overrides.balanced' has an unknown key 'nodes'",
    ]);
  });

  it("a machine of which nothing is known", async () => {
    const found = await faults({ "tiny.yaml": production() }, { machine: "poboy" });
    expect(found.map(shown)).toEqual([
      "no-defaults tiny.yaml:1:1+1 no defaults of machine poboy for tiny.yaml: there are those of nersc beside it, in defaults/ or ../defaults/",
    ]);
  });

  it.each([
    ["its folder", { "x/atlas.defaults.yaml": MACHINE }, undefined, "sites/atlas.yaml"],
    ["defaults/", { "x/defaults/atlas.yaml": MACHINE }, "atlas", "sites/atlas.yaml"],
    ["../defaults/", { "defaults/nersc.yaml": MACHINE, "defaults/atlas.yaml": MACHINE }, undefined, "sites/nersc.yaml"],
    ["a path", { "m/atlas.yaml": MACHINE }, "m/atlas.yaml", "sites/atlas.yaml"],
  ])("defaults are found in %s", async (_, files, machine, expected) => {
    const result = await imported({ "x/tiny.yaml": production(), ...files }, ["x/tiny.yaml"], { machine });
    expect([...result.imported[0]!.files.keys()][0]).toContain(expected);
    expect(result.warnings).toEqual([]);
  });

  it("without any defaults the profile is Perlmutter's, and that is said", async () => {
    const result = await imported({ "x/tiny.yaml": production() }, ["x/tiny.yaml"]);
    expect(result.warnings.map(shown)).toEqual([
      expect.stringMatching(/^no-defaults x\/tiny.yaml:1:1.* there are none /),
    ]);
    expect([...result.imported[0]!.files.values()][0]).toContain("extends: perlmutter\n");
  });

  it("a schema, or anything else, is no production", async () => {
    const schema = "production: { type: object, properties: {} }\n";
    expect(await of({ "tiny.yaml": schema })).toEqual([
      "no-production tiny.yaml:1:1+1 tiny.yaml is a schema of productions",
    ]);
    expect(await of({ "tiny.yaml": "- 1\n" })).toEqual([
      "no-production tiny.yaml:1:1+1 tiny.yaml is neither a production nor defaults of a machine",
    ]);
  });
});

describe("what cmc does not do", () => {
  it("is left out with a warning where results stay the same", async () => {
    const outputs =
      "{ base_path: data, compression: lzf, cleanup_policy: { keep_logs_days: 3, keep_intermediate: yes, archive_completed: true } }";
    const identity =
      "{ name: tiny, version: v1.0, description: a production for a test, dependencies: { record_environment: no } }";
    const { warnings } = await made({
      "tiny.yaml": production({ outputs, production: identity, resources: "{ partition: debug }" }),
    });
    expect(warnings.map((text) => text.split(/ (?:is|was|:) | is /)[0])).toEqual([
      "not-expressed tiny.yaml:4:23+4 base_path data",
      "not-expressed tiny.yaml:4:42+3 compression lzf",
      "not-expressed tiny.yaml:4:81+1 keep_logs_days 3",
      "not-expressed tiny.yaml:4:103+3 keep_intermediate",
      "not-expressed tiny.yaml:4:127+4 archive_completed",
      "not-expressed tiny.yaml:1:116+2 record_environment: false",
      "not-expressed tiny.yaml:5:25+5 partition debug",
    ]);
  });

  it("is silent about what is as cmc does it", async () => {
    const outputs =
      "{ base_path: /data, compression: none, cleanup_policy: { keep_intermediate: no, archive_completed: false } }";
    expect((await made({ "tiny.yaml": production({ outputs }) })).warnings).toEqual([]);
  });

  it("is refused where results would differ", async () => {
    const text = production({
      science:
        "{ cosmology: custom, redshifts: [0.3125, 1.0, 1.00004], realizations: { start: 5, count: 4, exclude: [6, 17] } }",
      outputs: "{ base_path: /data, structure: custom }",
    });
    expect(await of({ "tiny.yaml": text })).toEqual([
      "bad-value tiny.yaml:2:115+2 realization 17 is excluded and not in the production",
      "not-expressed tiny.yaml:2:43+6 redshift 0.3125 is exactly between two paths: Python writes z0.312, cmc z0.313",
      "bad-value tiny.yaml:2:56+7 redshifts 1 and 1.00004 have one output path: mock_z1.000.hdf5",
      "not-expressed tiny.yaml:4:41+6 structure custom: nothing says where the outputs lie",
    ]);
  });
});
