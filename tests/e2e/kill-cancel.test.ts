// cmc cancel killed at every step, with a scheduler that says what the test wants: asked again it finishes, and nothing it held goes out.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { makeRig, type Rig } from "../helpers/cli.ts";
import { fakeSlurmPrograms } from "../helpers/fake-slurm.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 4 });
export const first = defineStage({ name: "first", matrix: [n] }, { outputs: { out: file(({ n }) => \`first/\${n}\`) } }, { run: command(() => ["true"]) });
export default defineCampaign({ name: "killed", version: "v1.0", stages: [first], outputs: { base: "runs" } });
`;
const SITE = `executor: slurm\nnode: ${process.execPath}\nresources: { walltime: 10m }\npackTo: 20m\npool: { when: never }\n`;

let rig: Rig | undefined;
afterEach(() => rig?.dispose());

it.each(["cancel/recorded", "cancel/revoked", "cancel/asked"])("at %s", async (point) => {
  rig = makeRig({ "campaign.ts": CAMPAIGN, "site.yaml": SITE });
  const fake = join(rig.dir, "fake");
  mkdirSync(fake);
  const slurm = fakeSlurmPrograms(fake);
  const cmc = (args: readonly string[], env = {}) => rig!.cmc(args, { PATH: slurm.path, ...env });
  slurm.always("sbatch", { stdout: "17\n" });
  slurm.always("squeue", {});
  slurm.always("sacct", { stdout: "" });
  slurm.always("scancel", {});
  expect(await cmc(["apply", "--site", "site.yaml", "--auto-approve", "--allow-dirty"])).toMatchObject({ code: 0 });
  const root = join(rig.dir, "runs/killed_v1.0");
  const [file] = readdirSync(join(root, "submissions"));
  const token = file!.replace(/\.tasks$/, "");
  const user = process.getuid!();
  const queued = `17|17_[0-1]|${user}|PENDING|main|normal|acc|1795161234|N/A|N/A|0|0||cmc-${token}|(null)|Priority\n`;

  slurm.always("squeue", { stdout: queued });
  const killed = await cmc(["cancel", "--because", "wrong seed"], { CMC_FAULT: point });
  expect({ signal: killed.signal, said: killed.err.includes(`fault point ${point}`) }).toEqual({
    signal: "SIGKILL",
    said: true,
  });
  // What it held stays held: no tick between submits anything.
  const submissions = slurm.calls("sbatch").length;
  expect((await cmc(["tick"])).signal).toBeNull();
  expect(slurm.calls("sbatch")).toHaveLength(submissions);

  slurm.answer("squeue", { stdout: queued });
  slurm.always("squeue", {});
  expect(await cmc(["cancel", "--because", "wrong seed"])).toMatchObject({ code: 0 });
  expect(slurm.calls("scancel").length).toBeGreaterThanOrEqual(1);
  expect(existsSync(join(root, "metadata/lock"))).toBe(false);
  const { out } = await cmc(["plan", "--list", "--reason", "held"]);
  expect(out.trim().split("\n")).toHaveLength(4);
  expect((await cmc(["tick"])).signal).toBeNull();
  expect(slurm.calls("sbatch")).toHaveLength(submissions);
});
