// A journal after a power cut or a bad disk: what can be read counts, what cannot is said, and the plan makes up for it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeLine } from "../../src/state/journal-line.ts";
import { makeRig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { planJobs } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 3 });
export const copy = defineStage({ name: "copy", matrix: [n] }, { outputs: { out: file(({ n }) => \`\${n}.txt\`) } }, {
  run: command(({ outputs, point }) => ["sh", "-c", 'echo $1 > "$2"', "sh", point.n, outputs.out]),
});
export default defineCampaign({ name: "damaged", version: "v1.0", stages: [copy], outputs: { base: "runs" } });
`;

describe("a damaged journal", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  const folder = join(rig.dir, "runs", "damaged_v1.0", "journal");
  let worker: string;
  let whole: string;
  afterAll(rig.dispose);
  beforeAll(async () => {
    expect(await rig.cmc(["apply", "--auto-approve", "--jobs", "1"])).toMatchObject({ code: 0 });
    worker = join(
      folder,
      readdirSync(folder).find((name) => name.startsWith("worker-"))!,
    );
    whole = readFileSync(worker, "utf8");
  });
  beforeEach(() => writeFileSync(worker, whole));

  /** Index of the line that ends the attempt of copy[n=N]. */
  const ending = (lines: readonly string[], n: number) =>
    lines.findIndex((line) => line.includes('"attempt-finished"') && line.includes(`copy[n=${n}]`));

  it("with a torn last line is read without a word; the job whose end was torn off is taken up again", async () => {
    const lines = whole.trimEnd().split("\n");
    const last = ending(lines, 2);
    writeFileSync(worker, `${lines.slice(0, last).join("\n")}\n${lines[last]!.slice(0, 60)}`);
    const { code, out, err } = await rig.cmc(["plan"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(await planJobs(rig)).toEqual(["copy[n=2] retry retry_lost"]);
    expect(out).toContain("copy  2 unchanged\n");
  });

  it("with a corrupt line in the middle says where, in plan, status and apply, and uses the rest", async () => {
    const lines = whole.trimEnd().split("\n");
    const at = ending(lines, 1);
    lines[at] = lines[at]!.replace('"class":"ok"', '"class":"OK"');
    writeFileSync(worker, `${lines.join("\n")}\n`);
    const problem = `${worker}:${at + 1} does not match its checksum; the lines before and after it were used`;
    const plan = await rig.cmc(["plan"]);
    expect(plan.code).toBe(0);
    expect(plan.out.replace(/\n {6}/g, " ")).toContain(`note: ${problem}\n`);
    expect(await planJobs(rig)).toEqual(["copy[n=1] retry retry_lost"]);
    const warning =
      `warning state/journal-corrupt: ${problem}\n` +
      "  remedy: The lines before and after were used. Look at the file; if an attempt was lost, the plan shows its job as not done.\n";
    expect(await rig.cmc(["status"])).toMatchObject({ code: 0, err: warning });
    const objects = await rig.json(["status"]);
    expect(objects.map(({ type }) => type).slice(0, 2)).toEqual(["version", "diagnostic"]);

    const applied = await rig.cmc(["apply", "--auto-approve"]);
    expect(applied.code).toBe(0);
    expect(applied.err).toContain(warning);
    expect(applied.out).toMatch(/\nApplied\. 1 done in /);
    expect(await planJobs(rig)).toEqual([]);
    const database = join(rig.dir, "runs/damaged_v1.0/metadata/campaign.db");
    expect(await query(database, "SELECT state, count(*) FROM jobs GROUP BY state")).toEqual([["done", 3]]);
  });

  it("by a newer cmc is not guessed at", async () => {
    const [opened, ...rest] = whole.split("\n");
    const newer = encodeLine({ ...(JSON.parse(opened!) as object), version: 99 } as never);
    writeFileSync(worker, newer + rest.join("\n"));
    const { code, err } = await rig.cmc(["plan"]);
    expect(code).toBe(1);
    expect(err).toMatch(/^error state\/journal-version: .*\n {2}remedy: Use that version or a newer one\.\n$/);
  });
});
