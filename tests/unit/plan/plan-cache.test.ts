// The plan cache: same text from cache and from scratch, any change of the key misses, damage is ignored, size is bounded.
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inputPlacesCached, mayBeKept, planSummaryCached, type PlanKey } from "../../../src/apply/plan-cache.ts";
import { formatPlan } from "../../../src/cli/format/plan.ts";
import { planObjects } from "../../../src/cli/format/plan-json.ts";
import { COLOUR } from "../../../src/diagnostics/palette.ts";
import { STORIES } from "../../helpers/stories.ts";

let cache: string;
beforeEach(() => (cache = mkdtempSync(join(tmpdir(), "cmc-cache-"))));
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const KEY: PlanKey = {
  campaignDigest: "c",
  journal: "j",
  disk: "o-i",
  live: false,
  policy: { replace: [], adopt: false },
};
const never = () => {
  throw new Error("computed");
};
const summary = () => STORIES["mixed"]!().plan().summary;

describe("plan cache", () => {
  it.each(Object.keys(STORIES))("%s: cached and computed read the same, byte for byte", async (name) => {
    const compute = () => STORIES[name]!().plan().summary;
    const cold = await planSummaryCached(cache, KEY, compute);
    const warm = await planSummaryCached(cache, KEY, never);
    const none = await planSummaryCached(undefined, KEY, compute);
    expect([cold.fromCache, warm.fromCache, none.fromCache]).toEqual([false, true, false]);
    for (const { summary } of [cold, warm]) {
      expect(formatPlan(summary, { palette: COLOUR, width: 80, verbose: true })).toBe(
        formatPlan(none.summary, { palette: COLOUR, width: 80, verbose: true }),
      );
      expect(JSON.stringify([...planObjects(summary)])).toBe(JSON.stringify([...planObjects(none.summary)]));
    }
  });

  it.each<[string, Partial<PlanKey>]>([
    ["campaign", { campaignDigest: "x" }],
    ["journal", { journal: "x" }],
    ["disk", { disk: "x" }],
    ["live", { live: true }],
    ["policy", { policy: { replace: ["mock"], adopt: false } }],
  ])("another %s misses", async (_, change) => {
    await planSummaryCached(cache, KEY, summary);
    expect((await planSummaryCached(cache, { ...KEY, ...change }, summary)).fromCache).toBe(false);
  });

  it("says before the disk is known whether there is anything to look for", async () => {
    expect(mayBeKept(cache, KEY)).toBe(false);
    await planSummaryCached(cache, KEY, summary);
    expect(mayBeKept(cache, KEY)).toBe(true);
    expect(mayBeKept(cache, { ...KEY, journal: "x" })).toBe(false);
    expect(mayBeKept(undefined, KEY)).toBe(false);
  });

  it("ignores a truncated and a changed entry", async () => {
    await planSummaryCached(cache, KEY, summary);
    const [name] = readdirSync(join(cache, "plans"));
    const file = join(cache, "plans", name!);
    const whole = readFileSync(file, "utf8");
    truncateSync(file, 100);
    expect((await planSummaryCached(cache, KEY, summary)).fromCache).toBe(false);
    writeFileSync(file, whole.replace('"rerun":202', '"rerun":203'));
    expect((await planSummaryCached(cache, KEY, summary)).fromCache).toBe(false);
    writeFileSync(file, "");
    expect((await planSummaryCached(cache, KEY, summary)).fromCache).toBe(false);
    expect(readFileSync(file, "utf8")).toBe(whole);
  });

  it("keeps no more than 64 plans", async () => {
    const one = summary();
    for (let i = 0; i < 80; i++) await planSummaryCached(cache, { ...KEY, disk: String(i) }, () => one);
    expect(readdirSync(join(cache, "plans"))).toHaveLength(64);
    expect((await planSummaryCached(cache, { ...KEY, disk: "79" }, never)).fromCache).toBe(true);
  });

  it("works where nothing can be written", async () => {
    const file = join(cache, "a-file");
    writeFileSync(file, "");
    expect((await planSummaryCached(file, KEY, summary)).fromCache).toBe(false);
  });

  it("remembers where inputs are", () => {
    const places = { folders: ["/in"], files: ["/x/y"] };
    expect(inputPlacesCached(cache, "c", "/campaign", () => places)).toEqual(places);
    expect(inputPlacesCached(cache, "c", "/campaign", never)).toEqual(places);
    expect(inputPlacesCached(cache, "d", "/campaign", () => ({ folders: [], files: [] }))).toEqual({
      folders: [],
      files: [],
    });
  });
});
