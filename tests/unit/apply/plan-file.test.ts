// The file of a saved plan: what goes in comes out, and whatever is wrong with a file is refused before anything of it is used.
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodePlan, encodePlan } from "../../../src/apply/plan-file.ts";
import type { SavedPlan } from "../../../src/apply/saved-plan.ts";
import { DiagnosticError } from "../../../src/diagnostics/diagnostic.ts";
import { columnsOf } from "../../../src/expand/columns.ts";
import { jobLine } from "../../../src/expand/table.ts";
import { freeze } from "../../../src/plan/frozen.ts";
import { loadSite } from "../../../src/site/load.ts";
import { STORIES } from "../../helpers/stories.ts";

const MADE = { at: 1_750_000_000_000, user: "ada", host: "node1", command: "cmc plan -o x", cwd: "/home/ada", given: " x" }; // prettier-ignore

/** Failures, retries, missing and found files, jobs that left: a plan with everything in it. */
async function sample(story = "mixed"): Promise<SavedPlan> {
  const world = STORIES[story]!();
  const { table } = world;
  return {
    made: MADE,
    tool: "0.1.0",
    ir: table.campaign,
    table,
    campaignDir: "/home/ada/x",
    root: "/scratch/x_v1",
    rootExisted: true,
    options: { replace: ["mock"], target: [], exclude: [], canary: false, adopt: false, limit: 3 },
    plan: freeze(world.plan(), table, world.state(), world.observations()),
    site: { profile: "local", value: await loadSite("local", "/") },
    stageModules: { mock: "export default 1;\n" },
    sources: { contents: [["/home/ada/x/campaign.ts", "00"]], listings: [] },
    digests: { campaign: "c", state: "s", bundle: "b" },
    source: { git: { commit: "abc", dirty: ["é.ts"], changes: 1 } },
  };
}

describe("a saved plan", () => {
  it.each(["mixed", "failures", "missing-inputs", "new-campaign"])("comes out as it went in: %s", async (story) => {
    const saved = await sample(story);
    const { saved: read, id } = decodePlan(encodePlan(saved).bytes, "x.plan");
    const { table, plan, ...rest } = saved;
    expect({ ...read, table: 0, plan: 0 }).toEqual({ ...rest, table: 0, plan: 0 });
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const bytes = (of: typeof table) => of.stages.flatMap((stage) => columnsOf(stage).map((c) => Buffer.from(c.bytes).toString("hex"))); // prettier-ignore
    expect(bytes(read.table)).toEqual(bytes(table));
    expect(jobLine(read.table, read.table.stages[1]!, 7)).toEqual(jobLine(table, table.stages[1]!, 7));
    const { table: _, ...values } = read.plan;
    const { table: _2, ...expected } = plan;
    // A detail has no field that is there and undefined.
    expect(values).toStrictEqual({ ...expected, details: new Map([...plan.details].map(([row, list]) => [row, JSON.parse(JSON.stringify(list)) as unknown])) }); // prettier-ignore
  });

  it("keeps moves and renamed inputs", async () => {
    const saved = await sample();
    const outputs = [{ name: "catalog", was: "cat", from: "a/1.hdf5", to: "b/1.hdf5" }];
    const moves = new Map([[3, { from: "old[n=1]", outputs, stands: {} }]]);
    const renamed = new Map([[5, { inputs: "0123" }]]);
    const { plan } = decodePlan(encodePlan({ ...saved, plan: { ...saved.plan, moves, renamed } }).bytes, "x").saved;
    expect([plan.moves, plan.renamed]).toEqual([moves, renamed]);
  });

  it("is the same bytes for the same plan, and another id for another day", async () => {
    const saved = await sample();
    expect(encodePlan(saved).bytes.equals(encodePlan(await sample()).bytes)).toBe(true);
    expect(encodePlan({ ...saved, made: { ...MADE, at: MADE.at + 1 } }).id).not.toBe(encodePlan(saved).id);
  });

  it("says what it is in its first line, and is compressed", async () => {
    const { bytes, id } = encodePlan(await sample());
    const end = bytes.indexOf("\n");
    expect(bytes.toString("utf8", 0, end)).toBe(`cmc-plan 1 0.1.0 ${id} ${bytes.length - end - 1}`);
    expect(gunzipSync(bytes.subarray(end + 1)).length).toBeGreaterThan(2 * bytes.length);
  });
});

describe("a file that is not whole", () => {
  const refused = (bytes: Buffer) => {
    try {
      decodePlan(bytes, "x.plan");
    } catch (error) {
      if (error instanceof DiagnosticError) return error.message;
      throw error;
    }
    return "taken";
  };

  it("is refused, wherever it is cut off", async () => {
    const { bytes } = encodePlan(await sample());
    const end = bytes.indexOf("\n");
    for (const length of [0, 5, 9, 20, end, end + 1, end + 100, bytes.length - 1])
      expect(refused(bytes.subarray(0, length))).toMatch(/^plan\/file: x\.plan/);
    expect(refused(bytes.subarray(0, end + 101))).toBe(`plan/file: x.plan is cut off: 100 of ${bytes.length - end - 1} bytes follow its first line`); // prettier-ignore
    expect(refused(Buffer.concat([bytes, Buffer.from("\n")]))).toMatch(/^plan\/file: x\.plan goes on behind its end/);
  });

  it("is refused, whichever byte was changed", async () => {
    const { bytes } = encodePlan(await sample());
    for (let at = 0; at < bytes.length; at += at < 120 ? 1 : 997) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 4;
      // Of the tool's version in the first line nothing depends.
      const version = at > 10 && at < 16;
      if (!version) expect([at, refused(damaged)]).toEqual([at, expect.stringMatching(/^plan\/file(-version)?: x\.plan/)]); // prettier-ignore
    }
  });

  it("of a newer form names who wrote it, and of another kind says so", () => {
    expect(refused(Buffer.from("cmc-plan 2 9.1.0 whatever comes\n..."))).toBe("plan/file-version: x.plan was saved by cmc 9.1.0, in a form that cmc 0.1.0 does not know"); // prettier-ignore
    expect(refused(Buffer.from("%PDF-1.7\n"))).toBe("plan/file: x.plan is no saved plan");
  });
});
