// Which campaign, with which values: by path, name or folder, anywhere on disk; variables from the command line, environment and files.
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeRig, REPOSITORY } from "../helpers/cli.ts";
import { planLines } from "../helpers/plan-lines.ts";

const simple = (name: string) => `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 2 });
export const copy = defineStage({ name: "copy", matrix: [n] }, { outputs: { out: file(({ n }) => \`\${n}.txt\`) } }, {
  run: command(({ outputs, point }) => ["sh", "-c", 'echo $1 > "$2"', "sh", point.n, outputs.out]),
});
export default defineCampaign({ name: "${name}", version: "v1.0", stages: [copy], outputs: { base: "runs" } });
`;

describe("finding a campaign", () => {
  const rig = makeRig({ "campaigns/alpha/campaign.ts": simple("alpha"), "elsewhere/other.ts": simple("other") });
  afterAll(rig.dispose);
  const title = async (...args: string[]) => (await rig.cmc(["plan", ...args])).out.split("\n")[0];

  it("takes the only one in reach, a name, a folder, a file", async () => {
    expect(await title()).toBe("alpha v1.0  2 jobs");
    expect(await title("alpha")).toBe("alpha v1.0  2 jobs");
    expect(await title("campaigns/alpha")).toBe("alpha v1.0  2 jobs");
    expect(await title("./campaigns/alpha/campaign.ts")).toBe("alpha v1.0  2 jobs");
    expect(await title(join(rig.dir, "elsewhere/other.ts"))).toBe("other v1.0  2 jobs");
  });

  it("refuses to guess, and names what there is", async () => {
    rig.write("campaigns/beta/campaign.ts", simple("beta"));
    expect(await rig.cmc(["plan"])).toMatchObject({
      code: 3,
      out: "",
      err: "error cli/no-campaign: more than one campaign is in reach\n  remedy: Name one of: campaigns/alpha, campaigns/beta.\n",
    });
    expect((await rig.cmc(["plan", "gamma"])).err).toBe(
      "error compile/not-found: no campaign at gamma\n" +
        "  remedy: Give the path of a campaign.ts, of its folder, or a name under campaigns/ (there: alpha, beta).\n",
    );
    rig.write("empty/readme.txt", "nothing here\n");
    const none = await rig.cmc(["plan", "empty"]);
    expect({ code: none.code, err: none.err.split("\n")[0] }).toEqual({
      code: 3,
      err: "error compile/not-found: no campaign at empty",
    });
  });

  it("runs outside every repository and without node_modules, and the campaign folder may be moved with its results", async () => {
    expect(existsSync(join(rig.dir, "node_modules"))).toBe(false);
    expect(await rig.cmc(["apply", "alpha", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(rig.read("campaigns/alpha/runs/alpha_v1.0/1.txt")).toBe("1\n");
    mkdirSync(join(rig.dir, "moved"));
    const { renameSync } = await import("node:fs");
    renameSync(join(rig.dir, "campaigns/alpha"), join(rig.dir, "moved/alpha"));
    expect(await planLines(rig, ["moved/alpha"])).toEqual([]);
  });

  it("--base puts the root elsewhere, for every command alike", async () => {
    const base = ["--base", "far/away"];
    expect(await rig.cmc(["apply", "beta", "--auto-approve", ...base])).toMatchObject({ code: 0, err: "" });
    expect(rig.read("far/away/beta_v1.0/0.txt")).toBe("0\n");
    expect(await planLines(rig, ["beta", ...base])).toEqual([]);
    expect((await rig.cmc(["status", "beta", ...base])).out).toContain("beta v1.0  2 of 2 jobs done");
    // Another version is another root: nothing is shared.
    rig.edit("campaigns/beta/campaign.ts", "v1.0", "v1.1");
    expect(await planLines(rig, ["beta", ...base])).toEqual(["copy create new 2"]);
  });

  it("the reference campaigns are found by name in the repository", async () => {
    copyFileSync(join(REPOSITORY, "package.json"), join(rig.dir, "package.json"));
    const { code, err } = await rig.cmc(["check", join(REPOSITORY, "campaigns/lensing-ssc"), "--set", "input=nowhere"]);
    expect(code).toBe(3);
    expect(err).toContain(`error compile/listing-missing: `);
    expect(err).toContain(join(rig.dir, "nowhere"));
  });
});

const VARIABLES = `
import { axis, command, defineCampaign, defineStage, file, variable } from "cmc";
const count = variable("count", { type: "number", description: "how many" });
const preset = variable("preset", { choices: ["small", "large"], default: "small" });
const label = variable("label", { default: "none" });
const quick = variable("quick", { type: "boolean", default: false });
const data = variable("data", { type: "path", default: "data" });
const n = axis.range("n", { count });
export const copy = defineStage({ name: "copy", matrix: [n] }, { outputs: { out: file(({ n }) => \`\${n}.txt\`) } }, {
  run: command(({ point }) => ["true", point.n, preset, label, quick, data]),
});
export default defineCampaign({ name: "given", version: "v1.0", stages: [copy], outputs: { base: "runs" } });
`;

describe("a mistake in a campaign", () => {
  const rig = makeRig({ "campaign.ts": simple("wrong").replace("({ n }) => `${n}.txt`", "({ m }) => `${m}.txt`") });
  afterAll(rig.dispose);

  it.each(["check", "apply"])(
    "is shown by %s with file, line, column and remedy, and nothing is done",
    async (verb) => {
      const done = await rig.cmc([verb]);
      expect({ code: done.code, out: done.out }).toEqual({ code: 3, out: "" });
      expect(done.err).toMatch(/^error compile\/[a-z-]+: .*\bm\b/);
      expect(done.err).toMatch(/\n {2}campaign\.ts:4:\d+\n/);
      expect(done.err).toContain('4 | export const copy = defineStage({ name: "copy"');
      expect(done.err).toContain("\n  remedy: ");
      expect(existsSync(join(rig.dir, "runs")) || existsSync(join(rig.dir, "generated"))).toBe(false);
    },
  );
});

describe("campaign variables", () => {
  const rig = makeRig({
    "campaign.ts": VARIABLES,
    "vars.yaml": "count: 3\nlabel: from file\n",
    "wrong.yaml": "count: 3\npreset: tiny\n",
    "stray.yaml": "count: 3\nprset: small\n",
  });
  afterAll(rig.dispose);
  const argv = async (args: readonly string[], env?: Readonly<Record<string, string>>) => {
    const shown = await rig.json(["show", "copy[n=0]", ...args], env);
    return (shown.find(({ type }) => type === "job") as { argv?: string[] } | undefined)?.argv?.slice(2);
  };

  it("come from the command line before the environment before a file before their defaults", async () => {
    expect(await argv(["--set", "count=1"])).toEqual(["small", "none", "false", join(rig.dir, "data")]);
    expect(await argv(["--vars", "vars.yaml"])).toEqual(["small", "from file", "false", join(rig.dir, "data")]);
    const env = { CMC_VAR_LABEL: "from environment", CMC_VAR_PRESET: "large" };
    expect(await argv(["--vars", "vars.yaml"], env)).toEqual([
      "large",
      "from environment",
      "false",
      join(rig.dir, "data"),
    ]);
    expect(await argv(["--vars", "vars.yaml", "--set", "label=a=b c", "--set", "quick=true"], env)).toEqual([
      "large",
      "a=b c",
      "true",
      join(rig.dir, "data"),
    ]);
    expect(await argv(["--set", "count=1", "--set", "data=../x/./y"])).toEqual([
      "small",
      "none",
      "false",
      join(rig.dir, "../x/y"),
    ]);
  });

  it("are shown by check", async () => {
    const { out } = await rig.cmc(["check", "--set", "count=2", "--set", "preset=large"]);
    expect(out).toContain("  variable count = 2\n");
    expect(out).toContain('  variable preset = "large"\n');
  });

  it.each([
    [
      [],
      {},
      /^error compile\/variable-missing: variable count is not set \(how many\)\n {2}campaign\.ts:3:\d+\n/,
      "Give it: --set count=VALUE, CMC_VAR_COUNT=VALUE, or in a file by --vars.",
    ],
    [
      ["--set", "count=many"],
      {},
      /^error compile\/variable-invalid: variable count is "many"; expected a number\n/,
      "Give a number: --set count=VALUE.",
    ],
    [
      ["--set", "count=2", "--set", "preset=tiny"],
      {},
      /^error compile\/variable-invalid: variable preset is "tiny"; expected one of small, large\n/,
      "Give one of small, large: --set preset=VALUE.",
    ],
    [
      [],
      { CMC_VAR_COUNT: "1", CMC_VAR_QUICK: "perhaps" },
      /^error compile\/variable-invalid: variable quick is "perhaps"; expected true or false\n/,
      "Give true or false: --set quick=VALUE.",
    ],
    [
      ["--vars", "wrong.yaml"],
      {},
      /^error compile\/variable-invalid: variable preset is "tiny"; expected one of small, large\n/,
      "Give one of small, large",
    ],
    [["--set", "cuont=3"], {}, /^error compile\/variable-missing: variable count is not set/, "--set gives cuont."],
    [["--set", "count=3", "--set", "prset=large"], {}, /^error cli\/unknown-set: .*prset/, "preset"],
    [["--vars", "stray.yaml"], {}, /^error cli\/unknown-set: .*prset/, "preset"],
    [
      ["--vars", "absent.yaml"],
      {},
      /^error compile\/not-found: the variables file absent\.yaml cannot be read \(ENOENT\)\n/,
      "Check the path given with --vars.",
    ],
    [["--set", "count"], {}, /^error cli\/usage: --set count has no value\n/, "Write --set NAME=VALUE."],
  ] as const)("%j %j is refused with exit 3", async (args, env, message, remedy) => {
    const { code, out, err } = await rig.cmc(["plan", ...args], env as unknown as Record<string, string>);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toMatch(message);
    expect(err).toMatch(new RegExp(`remedy: .*${remedy.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
  });
});
