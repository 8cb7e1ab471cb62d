// What does not matter: accepted by a person for some jobs, or passed over by the stage's policy. Results stand, and what is made from them.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, inputFile } from "cmc";
const z = axis.list("z", [0.5, 1.4]);
const r = axis.range("r", { count: 3 });
export const mock = defineStage({ name: "mock", matrix: [z, r] }, {
  inputs: { halos: inputFile(({ r }) => \`halos/\${r}.txt\`) },
  outputs: { cat: file(({ z, r }) => \`mock/z\${z}/r\${r}.txt\`) },
}, {
  run: command(({ inputs, outputs }) => ["sh", "mock.sh", inputs.halos, outputs.cat], { code: ["mock.sh"] }),
  environment: { release: "sha256:aaaa" },
  //policy
});
export const sum = defineStage({ name: "sum", matrix: [z] }, {
  inputs: { cats: mock.outputs.cat.all("r") }, outputs: { out: file(({ z }) => \`sum/z\${z}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["sh", "-c", 'o=$1; shift; cat "$@" > "$o"', "sh", outputs.out, inputs.cats.each]) });
export default defineCampaign({ name: "accepting", version: "v1.0", stages: [mock, sum], outputs: { base: "runs" } });
`;
const FILES = {
  "campaign.ts": CAMPAIGN,
  "mock.sh": 'cat "$1" > "$2"\n',
  ...Object.fromEntries([0, 1, 2].map((r) => [`halos/${r}.txt`, `${r}\n`])),
};
const BELOW = "sum rerun upstream_changed 2";

describe("accept", () => {
  const rig = makeRig(FILES);
  const root = join(rig.dir, "runs", "accepting_v1.0");
  const journals = () => readdirSync(join(root, "journal")).map((name) => readFileSync(join(root, "journal", name), "utf8")); // prettier-ignore
  const accept = (...args: string[]) => rig.cmc(["accept", ...args, "--because", "a comment of the shell"]);
  afterAll(rig.dispose);
  beforeAll(async () => expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 }));

  it("says first what it would do, and writes nothing", async () => {
    rig.write("mock.sh", '# copies\ncat "$1" > "$2"\n');
    expect(await planLines(rig)).toEqual(["mock rerun code_changed 6", BELOW]);
    const before = journals();
    const { code, out } = await accept("--reason", "code_changed", "--dry-run");
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("Would be accepted: 6 jobs, mock[r=0,z=0.5] and 5 others.") as string }); // prettier-ignore
    expect(out).toContain("2 jobs made from them are kept with them.");
    expect(journals()).toEqual(before);
  });

  it("needs a selection and a reason", async () => {
    expect(await accept()).toMatchObject({ code: 3, err: expect.stringContaining("accept without a selection") as string }); // prettier-ignore
    expect(await rig.cmc(["accept", "--stage", "mock"])).toMatchObject({ code: 3 });
  });

  it("keeps some results, and the others run: what needs both runs too", async () => {
    expect(await accept("--where", "z=0.5")).toMatchObject({ code: 0, err: "" });
    expect(await planLines(rig)).toEqual(["mock rerun code_changed 3", "sum rerun upstream_changed 1"]);
  });

  it("keeps the rest, and then there is nothing to do; who and why is told", async () => {
    expect(await accept("--stage", "mock", "--json")).toMatchObject({ code: 0 });
    expect(await planLines(rig)).toEqual([]);
    expect((await rig.cmc(["plan", "--expect-no-changes"])).code).toBe(0);
    expect((await rig.cmc(["explain", "mock[r=1,z=1.4]"])).out).toMatch(/accept.*a comment of the shell/);
    expect((await rig.cmc(["status"])).out).toContain("8 of 8 jobs done");
    await rig.cmc(["rebuild"]);
    expect(await query(join(root, "metadata", "campaign.db"), "SELECT count(*) FROM verbs WHERE verb = 'changes-accepted'")).toEqual([[6]]); // prettier-ignore
    expect(await query(join(root, "metadata", "campaign.db"), "SELECT DISTINCT state FROM jobs")).toEqual([["done"]]);
    expect((await accept("--all")).out).toBe("No job is meant that has a result and changed.\n");
  });

  it("is about this change: the next one counts, and going back is none", async () => {
    rig.write("mock.sh", 'cat "$1" "$1" > "$2"\n');
    expect(await planLines(rig)).toEqual(["mock rerun code_changed 6", BELOW]);
    rig.write("mock.sh", FILES["mock.sh"]);
    expect(await planLines(rig)).toEqual([]);
  });

  it("covers an input that was written anew, as it is now", async () => {
    rig.write("halos/1.txt", "1 \n");
    expect(await planLines(rig)).toEqual(["mock rerun input_changed 2", BELOW]);
    expect(await accept("--reason", "input_changed")).toMatchObject({ code: 0 });
    expect(await planLines(rig)).toEqual([]);
    rig.write("halos/1.txt", "one more\n");
    expect(await planLines(rig)).toEqual(["mock rerun input_changed 2", BELOW]);
  });

  it("does not bring back a file that is gone, and says so of jobs that are named", async () => {
    rig.write("halos/1.txt", "1 \n");
    await accept("--reason", "input_changed");
    rmSync(join(root, "sum/z0.5.txt"));
    const { out } = await accept("sum[z=0.5]", "mock[r=0,z=0.5]");
    expect(out).toContain("sum[z=0.5] has changed in nothing that can be accepted");
    expect(out).toContain("mock[r=0,z=0.5] has not changed.");
    expect(await planJobs(rig)).toEqual(["sum[z=0.5] rerun output_missing"]);
  });
});

describe("policies", () => {
  const rig = makeRig(FILES);
  afterAll(rig.dispose);
  beforeAll(async () => expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 }));
  afterEach(() => {
    rig.write("campaign.ts", CAMPAIGN);
    rig.write("mock.sh", FILES["mock.sh"]);
  });
  const policy = (onChange: string) => rig.edit("campaign.ts", "//policy", `onChange: ${onChange},`);

  it("a warning is in every plan until it is accepted; nothing runs", async () => {
    policy('{ code: "warn" }');
    expect(await planLines(rig)).toEqual([]);
    rig.write("mock.sh", '# copies\ncat "$1" > "$2"\n');
    const { out, code } = await rig.cmc(["plan", "--detailed-exitcode"]);
    expect({ out, code }).toMatchObject({ code: 0, out: expect.stringMatching(/\? 6 {2}code_changed/) as string });
    expect(out).toContain("? kept although it changed, as the stage says");
    expect(out).toContain("0 new, 0 rerun, 0 retry, 0 adopt, 0 blocked, 8 unchanged.");
    expect((await rig.cmc(["apply", "--auto-approve"])).out).toContain("? 6  code_changed");
    expect((await rig.cmc(["plan", "--reason", "code_changed", "--list"])).out.trim().split("\n")).toHaveLength(6);
    await rig.cmc(["accept", "--reason", "code_changed", "--because", "a comment"]);
    expect((await rig.cmc(["plan"])).out).toContain("No changes.");
  });

  it("what is ignored is not mentioned; another change still reruns, and is made by the campaign of now", async () => {
    policy('{ environment: "ignore", code: "rerun" }');
    rig.edit("campaign.ts", "sha256:aaaa", "sha256:bbbb");
    expect((await rig.cmc(["plan"])).out).toContain("No changes.");
    rig.write("halos/2.txt", "two\n");
    expect(await planLines(rig)).toEqual(["mock rerun input_changed 2", BELOW]);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 });
    expect(await planLines(rig)).toEqual([]);
    // Two results are of the new container, four of the old one: without the policy only these run.
    rig.edit("campaign.ts", 'environment: "ignore"', 'environment: "rerun"');
    expect(await planLines(rig)).toEqual(["mock rerun env_changed 4", BELOW]);
  });
});
