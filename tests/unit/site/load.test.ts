// Profiles by name and path, inheritance, and what a fault in one looks like to a person.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Diagnostic, DiagnosticError } from "../../../src/diagnostics/diagnostic.ts";
import { explainSite, loadSite, SITE_NAMES, type SiteField } from "../../../src/site/load.ts";

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), "cmc-site-"))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function profile(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return name;
}

async function faults(name: string): Promise<readonly Diagnostic[]> {
  try {
    await loadSite(name, dir);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  return [];
}

const shown = ({ code, message, span }: Diagnostic) =>
  `${code} ${span?.line}:${span?.column}+${span?.length} ${message}`;

describe("delivered profiles", () => {
  it.each(SITE_NAMES)("%s loads", async (name) => expect((await loadSite(name, dir)).name).toBe(name));

  it("perlmutter extends slurm-generic", async () => {
    const site = await loadSite("perlmutter", dir);
    expect(site).toMatchObject({ node: "node", packTo: 7200, limits: { maxArraySize: 1001, maxSubmit: 5000 } });
    expect(site.jobTypes.gpu_intensive).toEqual({
      queue: { constraint: "gpu" },
      resources: { walltime: 21600, nodes: 2, tasks: 8, cpus: 256, gpus: 8, memory: 480e9 },
    });
  });

  it("local says nothing about resources: the machine decides", async () => {
    expect(await loadSite("local", dir)).toMatchObject({ resources: {}, jobTypes: {}, queue: {} });
  });
});

describe("a profile of one's own", () => {
  it("is merged field by field over what it extends; the name is the file's", async () => {
    profile("base.yaml", "extends: perlmutter\nqueue: { account: m4943 }\nlimits: { maxRunning: 10 }\n");
    const site = await loadSite(
      profile("mine.yaml", "extends: base.yaml\nlimits: { maxRunning: 3 }\nsetup: [a]\n"),
      dir,
    );
    expect(site).toMatchObject({
      name: "mine",
      setup: ["a"],
      queue: { account: "m4943", qos: "regular", constraint: "cpu" },
      limits: { maxRunning: 3, maxSubmit: 5000 },
    });
  });

  it("may not use a field that nothing consumes", async () => {
    const file = profile("typo.yaml", "node: node\nlimits:\n  maxSubmits: 3\ncompression: gzip\n");
    expect((await faults(file)).map(shown)).toEqual([
      "site/invalid 4:1+11 the profile has an unknown field 'compression'",
      "site/invalid 3:3+10 'limits' has an unknown field 'maxSubmits'",
    ]);
  });

  it("gets units and kinds explained where they stand", async () => {
    const file = profile("units.yaml", "resources: { walltime: 10 minutes, memory: 3 gigs, cpus: 1.5 }\npackTo: 1h\n");
    expect((await faults(file)).map(shown)).toEqual([
      'site/invalid 1:24+10 \'resources.walltime\' is not a duration such as "90s", "10m", "1.5h"',
      'site/invalid 1:44+6 \'resources.memory\' is not a size such as "10 kB", "128 GB", "4 GiB"',
      "site/invalid 1:58+3 'resources.cpus' must be integer",
    ]);
  });

  it("may not ask sbatch for what cmc says itself, or leave a field without effect", async () => {
    const text = `launcher: [numactl]
caches: [XDG_CACHE_HOME]
queue: { options: [--exclusive, --depend=afterok:1, --time=3] }
pool: { nodes: 3, streams: 2, walltime: 2h }
limits: { maxWalltime: 1h }
lanes:
  - { name: a }
  - { name: a, pool: { nodes: 2 } }
`;
    expect((await faults(profile("apart.yaml", text))).map(shown)).toEqual([
      "site/invalid 2:9+16 'caches' are folders below 'scratch', which is not given",
      "site/invalid 3:33+18 option --depend=afterok:1: cmc sets --dependency itself",
      "site/invalid 3:53+8 option --time=3: say it with 'resources.walltime'",
      "site/invalid 8:13+1 two lanes have the name a",
      "site/invalid 4:28+1 2 streams cannot share 3 nodes evenly: one must be a multiple of the other",
      "site/invalid 4:16+1 a pool of 3 nodes needs srun as the first word of 'launcher'",
      "site/invalid 4:41+2 a pool cannot last longer than limits.maxWalltime",
      "site/invalid 8:22+12 1.3333333333333333 streams cannot share 2 nodes evenly: one must be a multiple of the other",
      "site/invalid 8:31+1 a pool of 2 nodes needs srun as the first word of 'launcher'",
    ]);
  });

  it("may be no YAML at all", async () => {
    const [fault] = await faults(profile("broken.yaml", "node: node\nsetup: [a\n"));
    expect(fault).toMatchObject({ code: "site/invalid", span: { file: "broken.yaml", line: 3 } });
    expect(fault!.message).not.toContain("\n");
  });

  it("cannot smuggle words or lines into a script", async () => {
    const text = `queue: { account: "a --wrap=x", options: ["--x=a b", -J] }
setup: ["a\\nb"]
scratch: /tmp/$(id)
caches: ["A B"]
lanes: [{ name: "a;b", qos: "'" }]
`;
    expect((await faults(profile("inject.yaml", text))).map(({ span }) => span!.line)).toEqual([
      2, 3, 4, 1, 1, 1, 5, 5,
    ]);
  });

  it("cannot extend itself", async () => {
    profile("a.yaml", "extends: b.yaml\n");
    profile("b.yaml", "extends: a.yaml\n");
    expect((await faults("a.yaml")).map(({ message }) => message)).toEqual([
      "a.yaml extends b.yaml extends a.yaml: a profile cannot extend itself",
    ]);
  });

  it("must exist", async () => {
    const [fault] = await faults("perlmuter");
    expect(fault).toMatchObject({
      code: "site/unknown",
      remedy: expect.stringContaining("local, perlmutter, slurm-generic") as string,
    });
  });
});

describe("who said it", () => {
  const origin = ({ path, value, said }: SiteField) =>
    `${path.join(".")} ${JSON.stringify(value)} ${said ? `${said.file}:${said.line}` : "default"}`;

  it("is the profile that said it last; defaults are cmc's", async () => {
    profile("below.yaml", "executor: slurm\nqueue:\n  account: m1\n  qos: regular\n");
    const file = profile("above.yaml", "extends: below.yaml\nqueue: { qos: premium }\nlimits: { maxWalltime: 30m }\n");
    const { fields } = await explainSite(file, dir);
    expect(fields.map(origin)).toEqual([
      'executor "slurm" below.yaml:1',
      'node "node" default',
      'stagger "0s" default',
      'queue.account "m1" below.yaml:3',
      'queue.qos "premium" above.yaml:2',
      'pool.when "auto" default',
      "pool.nodes 1 default",
      "pool.streams 1 default",
      'pool.walltime "30m" default',
      "pool.maxAllocations 4 default",
      'pool.idle "2m" default',
      "limits.maxArraySize 1001 default",
      'limits.submitTimeout "90s" default',
      'limits.visibility "10s" default',
      "limits.nodeFailures 3 default",
      "limits.failureRate.most 0.5 default",
      "limits.failureRate.of 20 default",
      'limits.maxWalltime "30m" above.yaml:3',
    ]);
  });
});

it("a lane takes what it does not say from the pool, streams in proportion to nodes", async () => {
  const text = `launcher: [srun]
pool: { nodes: 2, streams: 16, walltime: 2h }
lanes: [{ name: big, pool: { nodes: 10 } }, { name: long, qos: long, cap: 3, pool: { streams: 1, walltime: 1d } }]
`;
  const { lanes } = await loadSite(profile("lanes.yaml", text), dir);
  expect(lanes).toEqual([
    { name: "big", queue: {}, pool: { nodes: 10, streams: 80, walltime: 7200 } },
    { name: "long", queue: { qos: "long" }, cap: 3, pool: { nodes: 2, streams: 1, walltime: 86400 } },
  ]);
});
