// Profiles by name and path, inheritance, and what a fault in one looks like to a person.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Diagnostic, DiagnosticError } from "../../../src/diagnostics/diagnostic.ts";
import { loadSite, SITE_NAMES } from "../../../src/site/load.ts";

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

  it("may be no YAML at all", async () => {
    const [fault] = await faults(profile("broken.yaml", "node: node\nsetup: [a\n"));
    expect(fault).toMatchObject({ code: "site/invalid", span: { file: "broken.yaml", line: 3 } });
    expect(fault!.message).not.toContain("\n");
  });

  it("cannot smuggle words or lines into a script", async () => {
    const file = profile("inject.yaml", 'queue: { account: "a --wrap=x" }\nsetup: ["a\\nb"]\n');
    expect((await faults(file)).map(({ span }) => span!.line)).toEqual([2, 1]);
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
