// The order in which a worker makes things durable, as the kernel saw it: data before the rename, the rename before the receipt.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type TestCampaign, testCampaign } from "../../helpers/worker-bundle.ts";
import { writeTasks } from "../../helpers/worker-cluster.ts";
import { receipts } from "../../helpers/worker-run.ts";

const campaigns: TestCampaign[] = [];
afterEach(() => campaigns.splice(0).forEach((campaign) => campaign.remove()));

/** Calls that end well, in order, with the paths behind file descriptors: `fsync(21</root/out>)`. */
async function calls(campaign: TestCampaign): Promise<string[]> {
  const { bundleDir, root, campaignDir, home, batches } = campaign;
  campaigns.push(campaign);
  campaign.writeJobs(batches);
  for (const folder of ["journal", "logs"]) mkdirSync(join(root, folder), { recursive: true });
  const trace = join(home, "trace");
  const places = ["--bundle", bundleDir, "--root", root, "--campaign-dir", campaignDir];
  const tasks = writeTasks(campaign, "by-hand", [{ batch: batches[0]!.id, from: 0, to: batches[0]!.rows.length }]);
  const task = ["--run", "r1", "--name", "w0", "--tasks", tasks, "--task", "0"];
  const worker = [join(bundleDir, "worker.mjs"), ...places, ...task];
  const strace = ["-f", "-qq", "-y", "-s", "400", "-e", "trace=rename,fsync,fdatasync", "-o", trace];
  execFileSync("strace", [...strace, process.execPath, ...worker]);
  return whole(readFileSync(trace, "utf8").split("\n")).filter((line) => line.endsWith(" = 0"));
}

/** A call that others interrupted is written as two lines; it counts where it ended. */
function whole(lines: readonly string[]): string[] {
  const begun = new Map<string, string>();
  return lines.flatMap((line) => {
    const [pid] = line.split(" ", 1) as [string];
    if (line.endsWith("<unfinished ...>")) begun.set(pid, line.replace(" <unfinished ...>", ""));
    else if (line.includes(" resumed>")) return [`${begun.get(pid)}${line.slice(line.indexOf(" resumed>") + 9)}`];
    else return [line];
    return [];
  });
}

describe.skipIf(spawnSync("strace", ["-V"]).error !== undefined)("what a worker publishes (strace)", () => {
  it("is on disk before its rename, and the rename before the receipt", async () => {
    const task = `import { writeFileSync } from "node:fs"; export default ({ outputs }) => writeFileSync(outputs.o, "x");`;
    const outputs = [{ ir: { name: "o", kind: "file" } as const, path: (i: number) => `new/out/${i}` }];
    const campaign = await testCampaign([{ name: "s", count: 20, task, outputs }]);
    const { root } = campaign;
    const seen = await calls(campaign);
    expect(receipts(root).size).toBe(20);

    const at = (text: string): number => seen.findIndex((line) => line.includes(text));
    const last = (text: string): number => seen.findLastIndex((line) => line.includes(text));
    for (let i = 0; i < 20; i++) {
      const rename = at(`, "${join(root, `new/out/${i}`)}")`);
      const data = seen.findLastIndex(
        (line, n) => n < rename && line.includes(`/out/${i}>)`) && line.includes("fsync("),
      );
      expect(seen[data], `data of job ${i}`).toContain(join(root, "staging"));
      expect(rename).toBeGreaterThan(data);
    }
    // The folders' entries, the outermost one's included, between the last rename and the sync that makes the receipts durable.
    const receipted = last("fdatasync(");
    expect(seen[receipted]).toContain(join(root, "journal"));
    for (const folder of ["", "new", "new/out"]) {
      const entries = last(`<${join(root, folder)}>)`);
      expect(entries, `entries of ${folder}/`).toBeGreaterThan(-1);
      expect(entries).toBeLessThan(receipted);
    }
    expect(last(`<${join(root, "new/out")}>)`)).toBeGreaterThan(last(`, "${join(root, "new/out")}/`));
  });
});
