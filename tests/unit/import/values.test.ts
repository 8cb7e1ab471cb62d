// What import makes of single values: precedence, units, retries, realizations, paths, comments. The whole module: tests/golden/import.
import { describe, expect, it } from "vitest";
import { commentsOf } from "../../../src/import/comments.ts";
import { readYaml } from "../../../src/import/yaml-file.ts";
import { folderOf, imported, made, production } from "./scratch.ts";

const module = async (more: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) =>
  (await made({ "tiny.yaml": production(more), ...files })).module;

const MACHINE = `resources: { account: m1, partition: long, constraint: cpu, nodes_per_job: 1, tasks_per_node: 16, cpus_per_task: 1, memory_gb: 100.5 }
execution: { timeout_hours: 12.0 }
job_type_overrides:
  balanced: { nodes_per_job: 3, tasks_per_node: 8, constraint: big, timeout_hours: 6.5 }
  io_intensive: { memory_gb: 10 }
`;

describe("resources: machine < job type < template < production", () => {
  it("what a production counts itself is said in the module, for the whole job", async () => {
    const files = { "nersc.defaults.yaml": MACHINE, "base.yaml": "resources: { nodes_per_job: 2, memory_gb: 50 }\n" };
    const text = await module({ extends: "base.yaml", resources: "{ memory_gb: 64.5 }" }, files);
    expect(text).toContain(`    resources: {
      walltime: "1h",
      nodes: 2,
      tasks: 16, // 8 a node
      cpus: 16, // 1 a task
      memory: "129 GB", // 64.5 GB a node
    },
`);
    expect(text).toContain("        16, // one MPI rank a task\n");
  });

  it("what it does not count is left to the site profile", async () => {
    const result = await made({ "tiny.yaml": production({ execution: "{ job_type: balanced, batch_size: 1 }" }), "nersc.defaults.yaml": MACHINE }); // prettier-ignore
    expect(result.module).not.toContain("resources");
    expect(result.profile).toContain(`  balanced:
    queue:
      constraint: big
    resources:
      walltime: 390m # 6.5 hours
      nodes: 3
      tasks: 24 # 8 a node
      cpus: 24 # 1 a task
      memory: 301.5 GB # 100.5 GB a node
`);
    expect(result.profile).toContain("  io_intensive:\n    resources:\n      nodes: 1\n      tasks: 16\n");
  });

  it("account and constraint of a production are the profile's; partitions are a generic cluster's", async () => {
    const files = { "atlas.defaults.yaml": MACHINE, "nersc.defaults.yaml": MACHINE };
    const text = production({ resources: "{ account: m2, constraint: huge, partition: short }" });
    const generic = await made({ "tiny.yaml": text, ...files }, { machine: "atlas" });
    expect(generic.profile).toContain(
      "extends: slurm-generic\n\nqueue:\n  account: m2\n  partition: long\n  constraint: cpu\n",
    );
    expect(generic.profile).toContain("  balanced:\n    queue:\n      partition: short\n      constraint: huge\n");
    expect(generic.warnings).toEqual([]);
    expect(generic.module).toContain('"atlas", // the machine');
    expect((await made({ "tiny.yaml": text, ...files })).profile).not.toContain("partition");
  });

  it.each([
    ["0.167", '"10m", // 0.167 hours'],
    ["0.1667", '"10m", // 0.1667 hours'],
    ["2.3", '"138m", // 2.3 hours'],
    ["24.0", '"24h" }'],
    ["0.11", '"6m", // 0.11 hours'],
  ])("%s hours are whole minutes, as SLURM was asked for", async (hours, expected) =>
    expect(await module({ execution: `{ job_type: balanced, batch_size: 1, timeout_hours: ${hours} }` })).toContain(
      `walltime: ${expected}`,
    ),
  );

  it("one task needs no srun", async () => expect(await module({})).not.toContain("srun"));
});

describe("retries", () => {
  const retry = async (policy: string) => {
    const text = await module({ execution: `{ job_type: balanced, batch_size: 1, retry_policy: ${policy} }` });
    return /retry: ([\s\S]*?)\n {2}\},\n\)/.exec(text)![1]!.replace(/\s+/g, " ");
  };

  it("retries come after the first try", async () =>
    expect(await retry("{ max_retries: 2, backoff_multiplier: 1.5, initial_delay_minutes: 2.5 }")).toBe(
      '{ attempts: 3, // 2 after the first backoff: { initial: "2.5m", factor: 1.5 }, },',
    ));

  it("no retry waits for nothing", async () =>
    expect(await retry("{ max_retries: 0, backoff_multiplier: 3 }")).toBe("{ attempts: 1, // 0 after the first },"));

  it("a wait that would pass cmc's hour is not cut short", async () =>
    expect(await retry("{ max_retries: 4, backoff_multiplier: 3, initial_delay_minutes: 10 }")).toContain(
      'max: "270m", // longest of 4 retries',
    ));

  it("where nobody says, the schema's defaults", async () =>
    expect(await retry("{}")).toContain('initial: "5m", factor: 2'));
});

describe("jobs and paths", () => {
  it("include and exclude", async () => {
    const science =
      "{ cosmology: custom, redshifts: [0.30], realizations: { start: 5, count: 4, include: [9, 7, 9], exclude: [9] } }";
    const result = await imported({ "tiny.yaml": production({ science }) });
    expect(result.imported[0]!.campaign).toMatchObject({ jobs: 4 });
    expect([...result.imported[0]!.files.values()][1]).toContain(
      'axis.range("realization", { start: 5, count: 4, include: [9, 7], exclude: [9] });\nconst redshift = axis.list("redshift", [0.3]);',
    );
  });

  it("a step divides the count, as in Python's range, and that is said", async () => {
    const science = "{ cosmology: custom, redshifts: [1.0], realizations: { start: 0, count: 10, step: 4 } }";
    const { module: text, warnings } = await made({ "tiny.yaml": production({ science }) });
    expect(text).toContain("count: 3, // count 10 by 4\n  step: 4,");
    expect(warnings).toEqual([
      expect.stringContaining("with step 4, count 10 is the length of the range: 3 realizations"),
    ]);
  });

  it("flat catalogues; the campaign root is theirs; a version is given", async () => {
    const text = await module({
      production: "{ name: tiny, description: a production for a test }",
      outputs: "{ base_path: /data/, structure: flat }",
    });
    expect(text).toContain("`catalogs/mock_r${pad(realization, 4)}_z${redshift.toFixed(3)}.hdf5`");
    expect(text).toContain('outputs: { base: "/data/productions" },');
    expect(text).toContain('version: "v1.0", // not in the YAML');
  });

  it("YAML is read as PyYAML reads it: 1.1, with merge keys", async () => {
    const text = await module({
      execution: "{ <<: { batch_size: 7, job_type: balanced }, timeout_hours: 1.0 }",
      science: "{ cosmology: custom, redshifts: [1.0], realizations: { start: 0, count: 010 } }",
    });
    expect(text).toContain('{ jobType: "balanced", batchSize: 7 }');
    expect(text).toContain("count: 8 });");
  });

  it("the seed's name of the first section", async () => {
    const text = production().replace("production: {", "campaign: {");
    expect((await made({ "tiny.yaml": text })).module).toContain('name: "tiny",');
  });

  it("the script beside the production is the stage's code", async () => {
    const files = { "config/tiny.yaml": production(), "scripts/generate_single_mock.py": "" };
    const { imported: all } = await imported(files, ["config/tiny.yaml"], { out: "campaigns/x" });
    const text = [...all[0]!.files.values()][1]!;
    expect(text).toContain('const script = "../../scripts/generate_single_mock.py";');
    expect(text).toContain("code: [script],");
    expect(text).not.toContain("variable");
  });

  it("several productions have folders of their own, and may not share one", async () => {
    const other = production().replace("name: tiny", "name: other");
    const files = {
      "a.yaml": production(),
      "b.yaml": other,
      "c.yaml": production(),
      "s.yaml": "science: { type: object, properties: {} }",
    };
    const { imported: all, skipped } = await imported(files, ["a.yaml", "b.yaml", "nersc.defaults.yaml", "s.yaml"], {
      out: "all",
    });
    expect(all.map(({ dir }) => dir.split("/").slice(-2).join("/"))).toEqual(["all/tiny", "all/other"]);
    expect(skipped.map(({ source }) => source)).toEqual(["nersc.defaults.yaml", "s.yaml"]);
    await expect(imported(files, ["a.yaml", "c.yaml"])).rejects.toMatchObject({
      diagnostics: [{ code: "import/exists" }],
    });
  });

  it("defaults of a machine alone are a site profile", async () => {
    const { imported: all } = await imported({ "atlas.defaults.yaml": MACHINE }, ["atlas.defaults.yaml"]);
    expect([...all[0]!.files.keys()].map((path) => path.split("/").slice(-2).join("/"))).toEqual(["sites/atlas.yaml"]);
    expect(all[0]!.campaign).toBeUndefined();
  });
});

describe("comments", () => {
  const notes = async (text: string) => {
    const { comments } = await readYaml(`${folderOf({ "x.yaml": text })}/x.yaml`, "/");
    return {
      notes: comments.notes.map(({ path, note }) => [path.join("."), ...note.above, note.beside]),
      remarks: comments.remarks.map((lines) => lines.join(" / ")),
    };
  };

  it("belong to the key below, the value before, the item before, or to nobody", async () =>
    expect(
      await notes(`# head
a: # of a
  # of b
  #   deeper
  b: "# no comment" # of the text
  c: [1, # of one
      2] # of two
  # end of a
# of d
d: |
  # no comment
# apart

e: &x 3 # three
# end
`),
    ).toEqual({
      notes: [
        ["a", "of a"],
        ["a.b", "of b", "  deeper", "of the text"],
        ["a.c", "1: of one", "2: of two", undefined],
        ["d", "end of a", "of d", undefined],
        ["e", "three"],
      ],
      remarks: ["head", "apart", "end"],
    }));

  it("line ends and byte order marks are not comments", async () =>
    expect(await notes("\uFEFF# head\r\na: 1 # of a\r\n")).toEqual({ notes: [["a", "of a"]], remarks: ["head"] }));

  it("of nothing are none", () => expect(commentsOf("", [], [])).toEqual({ notes: [], remarks: [] }));
});
