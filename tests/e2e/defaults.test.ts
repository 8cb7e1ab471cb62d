// Three tiers of defaults: site, campaign, stage, and the job itself. Who says what is shown; how it is run reruns nothing.
import { afterAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 2 });
const make = command<{ n: number }, {}, "o">(({ outputs }) => ["sh", "-c", 'echo x > "$0"', outputs.o]);
const outputs = (name: string) => ({ o: file(({ n }: { n: number }) => \`\${name}/\${n}\`) });
export const plain = defineStage({ name: "plain", matrix: [n] }, { outputs: outputs("plain") }, { run: make });
export const own = defineStage({ name: "own", matrix: [n] }, { outputs: outputs("own") }, {
  run: make,
  resources: ({ n }) => (n === 1 ? { memory: "3 GB", jobType: "gpu_intensive" } : {}),
});
export const said = defineStage({ name: "said", matrix: [n] }, { outputs: outputs("said") }, { run: make, resources: { cpus: 2 } });
export default defineCampaign({
  name: "tiers", version: "v1.0", stages: [plain, own, said], outputs: { base: "runs" },
});
`;
const withDefaults = (execution: string, text = CAMPAIGN) =>
  text.replace('outputs: { base: "runs" },\n}', `outputs: { base: "runs" },\n  execution: { ${execution} },\n}`);
const DEFAULTS =
  'jobType: "balanced", resources: { walltime: "20m", memory: "2 GB", cpus: 1 }, retry: { attempts: 3, escalate: { oom: { memory: 2 } } }';
const SITE = `executor: slurm
queue: { account: m1, qos: regular }
resources:
  walltime: 1h
  nodes: 1
  tasks: 4
jobTypes:
  gpu_intensive:
    queue: { qos: gpu }
    resources: { gpus: 4, cpus: 32 }
`;

describe("defaults of the campaign", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN, "mine.yaml": SITE });
  afterAll(rig.dispose);
  const on = async (job: string) =>
    (await rig.cmc(["show", job, "--site", "mine.yaml"])).out
      .split("on mine\n")[1]!
      .trimEnd()
      .split("\n")
      .map((line) => line.trim().replaceAll(/ {2,}/g, " | "));

  it("rerun nothing", async () => {
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    rig.write("campaign.ts", withDefaults(DEFAULTS));
    expect(await planLines(rig)).toEqual([]);
  });

  it("stand between the site and the stage, field by field, and the job's own go before all", async () => {
    expect(await on("plain[n=0]")).toEqual([
      "jobType | balanced | campaign",
      "walltime | 20 m 00 s | campaign",
      "memory | 2.0 GB | campaign",
      "cpus | 1 | campaign",
      "nodes | 1 | site, mine.yaml:5",
      "tasks | 4 | site, mine.yaml:6",
      "queue.account | m1 | site, mine.yaml:2",
      "queue.qos | regular | site, mine.yaml:2",
    ]);
    expect(await on("own[n=1]")).toEqual([
      "jobType | gpu_intensive | job, campaign.ts:6",
      "walltime | 20 m 00 s | campaign",
      "memory | 3.0 GB | job, campaign.ts:6",
      "cpus | 1 | campaign",
      "gpus | 4 | site job type, mine.yaml:10",
      "nodes | 1 | site, mine.yaml:5",
      "tasks | 4 | site, mine.yaml:6",
      "queue.account | m1 | site, mine.yaml:2",
      "queue.qos | gpu | site job type, mine.yaml:9",
    ]);
    expect(await on("said[n=0]")).toContain("cpus | 2 | stage, campaign.ts:10");
    const fields = (await rig.json(["show", "own[n=1]", "--site", "mine.yaml"])).filter(
      ({ type }) => type === "resource",
    );
    expect(fields).toContainEqual({ type: "resource", site: "mine", section: "resources", field: "memory", value: 3e9, origin: "job", file: "campaign.ts", line: 6 }); // prettier-ignore
    expect((await rig.cmc(["show", "plain[n=0]", "--site", "nowhere"])).code).toBe(3);
  });

  it("reach the scheduler", async () => {
    const preview = (await rig.json(["plan", "--replace", "plain,own,said", "--site", "mine.yaml"])).find(({ type }) => type === "site"); // prettier-ignore
    expect(preview!["arrays"]).toMatchObject([
      { stage: "plain", resources: { memory: 2e9, cpus: 1 } },
      { stage: "own", resources: { memory: 2e9, cpus: 1 } },
      { stage: "own", resources: { memory: 3e9, gpus: 4 } },
      { stage: "said", resources: { memory: 2e9, cpus: 2 } },
    ]);
  });

  it("and the jobs on this machine: time limit and tries", async () => {
    rig.write(
      "campaign.ts",
      withDefaults('resources: { walltime: "1s" }, retry: { attempts: 2 }').replace(
        "'echo x >",
        "'exec sleep 9; echo x >",
      ),
    );
    const { out, code } = await rig.cmc(["apply", "--auto-approve", "--target", "plain"]);
    expect(code).toBe(9);
    expect(out).toContain("killed after 1 s (walltime)");
    expect((await rig.cmc(["explain", "plain[n=0]"])).out).toContain("2 tries, 2 failed, 0 left\n");
  });

  it("what is wrong is refused where it stands, with the stages' own words untouched", async () => {
    rig.write("campaign.ts", withDefaults('resources: { walltime: "20 minuts", cpus: 0 }'));
    const { code, err } = await rig.cmc(["plan"]);
    expect(code).toBe(3);
    expect(err).toContain(
      'error compile/bad-unit: walltime is "20 minuts", which is not a duration\n  campaign.ts:13:',
    );
    rig.write("campaign.ts", withDefaults("retry: { attempts: 3, escalate: { oom: { memory: 2 } } }"));
    rig.edit("campaign.ts", '{ memory: "3 GB", jobType: "gpu_intensive" }', "{ cpus: 1 }");
    rig.edit("campaign.ts", "resources: ({ n }) => (n === 1 ? { cpus: 1 } : {}),", "");
    const unused = await rig.cmc(["plan"]);
    expect(unused.code).toBe(3);
    expect(unused.err).toContain(
      "error compile/unknown-option: execution.retry.escalate.oom has no effect: every stage says it itself, or has no use for it\n  campaign.ts:",
    );
  });
});
