// What a plan of a thousand jobs asks of the disk: one listing a folder of inputs, and no file by name. On a parallel file system each
// question is a trip to a server.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeRig, REPOSITORY } from "../helpers/cli.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, inputFile } from "cmc";
const box = axis.range("box", { count: 10 });
const n = axis.range("n", { count: 100 });
export const mock = defineStage({ name: "mock", matrix: [box, n] }, {
  inputs: { halos: inputFile(({ box, n }) => \`halos/box\${box}/halo\${n}.h5\`) },
  outputs: { o: file(({ box, n }) => \`mock/\${box}/\${n}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["cp", inputs.halos, outputs.o]) });
export default defineCampaign({ name: "thousand", version: "v1.0", stages: [mock], outputs: { base: "runs" } });
`;

const rig = makeRig({ "campaign.ts": CAMPAIGN });
afterAll(rig.dispose);

it.skipIf(spawnSync("strace", ["-V"]).error !== undefined)(
  "a thousand jobs, ten folders of inputs: ten folders are read, by one find, and cmc looks at no file itself",
  async () => {
    for (let box = 0; box < 10; box++)
      for (let n = 0; n < 100; n++) if (box !== 3 || n >= 19) rig.write(`halos/box${box}/halo${n}.h5`, "");
    // Compiled before, so that only the plan is seen.
    const { out } = await rig.cmc(["plan"]);
    expect(out).toContain("\nnote: mock: 19 of 1,000 jobs lack halos; first: halos/box3/halo0.h5\n");

    rig.write("trace/none", "");
    const calls = "trace=execve,openat,stat,lstat,newfstatat,statx,access,faccessat,faccessat2,readlink,readlinkat";
    const args = ["-ff", "-e", calls, "-s", "400", "-o", join(rig.dir, "trace/t"), process.execPath];
    const traced = spawnSync("strace", [...args, join(REPOSITORY, "dist/cmc.mjs"), "plan", "--list"], {
      cwd: rig.dir,
      env: { PATH: process.env["PATH"], HOME: rig.dir, CMC_CACHE_DIR: join(rig.dir, ".cache") },
      encoding: "utf8",
    });
    expect(traced.stdout.split("\n").filter((line) => line.startsWith("mock["))).toHaveLength(1000);

    const traces = readdirSync(join(rig.dir, "trace"))
      .filter((name) => name.startsWith("t."))
      .map((name) => readFileSync(join(rig.dir, "trace", name), "utf8"));
    const finds = traces.filter((text) => /execve\("[^"]*\/find", \["find", "-L"/.test(text));
    const others = traces.filter((text) => !/execve\("[^"]*\/find"/.test(text));
    expect(finds).toHaveLength(1);
    const read = [...finds[0]!.matchAll(/openat\([^,]*, "([^"]*)", [^)]*O_DIRECTORY/g)].map(([, path]) => path!);
    expect(new Set(read.filter((path) => /box\d$/.test(path))).size).toBe(10);
    // GNU find opens each folder it lists once more to go there and back.
    expect(read.length).toBeLessThanOrEqual(2 * 10 + 4);
    expect(others.join("").match(/halo\d+\.h5/g)).toBeNull();
    expect(others.join("").match(/mock\/\d/g)).toBeNull();
  },
);
