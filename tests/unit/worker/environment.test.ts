// What a worker records of the software it runs in, and refuses: the Node of tasks, the version of inputs.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { testCampaign, type TestCampaign, type TestStage } from "../../helpers/worker-bundle.ts";
import { startWorker, taskJobs, writeTasks } from "../../helpers/worker-cluster.ts";
import { ends } from "../../helpers/worker-run.ts";

let campaign: TestCampaign;
afterEach(() => campaign.remove());

const TASK: TestStage = {
  name: "job",
  count: 1,
  task: 'export default (ctx) => ctx.writeText(ctx.outputs.o, "x");',
  outputs: [{ ir: { kind: "file", name: "o" }, path: () => "o" }],
};

/** As an array task of a scheduler: nobody has looked at Node before. */
async function run(stage: TestStage) {
  campaign = await testCampaign([stage]);
  for (const name of ["a.fits", "b.fits"]) writeFileSync(join(campaign.campaignDir, name), name);
  const file = writeTasks(campaign, "t1", [{ jobs: taskJobs(campaign, 0, 1) }]);
  await startWorker(campaign, "s1", ["--tasks", file, "--task", "0"]).end;
  return ends(campaign.root)[0]!;
}

describe("the Node of a task", () => {
  it("is in the receipt", async () => {
    const [major] = process.versions.node.split(".");
    const { receipt } = await run({ ...TASK, node: major! });
    expect(receipt?.node).toBe(process.versions.node);
  });

  it("that its stage does not declare runs nothing", async () => {
    expect(await run({ ...TASK, node: "4.2" })).toMatchObject({
      class: "exit",
      message: `its stage declares Node 4.2, and this worker runs in Node ${process.versions.node}: name another in the site's 'node'`,
    });
  });

  it("is nothing a command's receipt knows of", async () => {
    const { receipt } = await run({ name: "job", count: 1, argv: () => ["true"] });
    expect(receipt).toBeDefined();
    expect(receipt?.node).toBeUndefined();
  });
});

it("the version an input is compared by is in its fact, beside size and time", async () => {
  const files = { kind: "files", port: "f", compare: "version", version: "DR2", optional: false } as const;
  const { receipt } = await run({ ...TASK, inputs: [{ ir: files, paths: () => ["a.fits", "b.fits"] }] });
  expect(receipt?.inputs).toEqual(
    ["a.fits", "b.fits"].map((path) => ({ path, size: 6, mtime: expect.any(String) as string, version: "DR2" })),
  );
});
