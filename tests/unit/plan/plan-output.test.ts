// Filters, listings and machine output of the plan.
import { describe, expect, it } from "vitest";
import { planJobObjects, planObjects } from "../../../src/cli/format/plan-json.ts";
import { listJobs, listKeys } from "../../../src/cli/format/plan-jobs.ts";
import { formatPlan } from "../../../src/cli/format/plan.ts";
import { filterSelection, type SelectionOptions as FilterOptions, selects } from "../../../src/cli/selection.ts";
import { PLAIN } from "../../../src/diagnostics/palette.ts";
import { groupsOf } from "../../../src/plan/groups.ts";
import { STORIES } from "../../helpers/stories.ts";

const world = STORIES["mixed"]!();
const plan = world.plan();
const wanted = (options: FilterOptions) => {
  const selection = filterSelection(plan.table, options);
  return selection && selects(selection, { plan, state: world.state() }, { root: "/nowhere", now: 0 });
};
const keys = (options: FilterOptions) => [...listKeys(plan, wanted(options))].map((line) => line.trimEnd());
const LOOK = { palette: PLAIN, width: 100 };

describe("filters", () => {
  it.each<[FilterOptions, number]>([
    [{}, 812],
    [{ stage: "covariance" }, 4],
    [{ stage: "mock,covariance" }, 408],
    [{ where: "realization=31" }, 8],
    [{ where: "realization=30..39" }, 80],
    [{ where: "realization=30..39,redshift=1.1" }, 20],
    [{ where: "realization=1|3..4,redshift=1.4|2" }, 12],
    [{ where: "realization=1,realization=3..4,redshift=2.0" }, 6],
    [{ where: "redshift=2" }, 203],
    [{ where: "redshift=1..1.5" }, 406],
    [{ reason: "params_changed" }, 99],
    [{ reason: "missing_input,upstream_incomplete" }, 14],
    [{ reason: "missing_input", stage: "mock", where: "redshift=1.4" }, 1],
  ])("%j", (options, count) => {
    expect(keys(options)).toHaveLength(count);
  });

  it("a stage without the axis has no such jobs", () => {
    expect(keys({ stage: "covariance", where: "realization=1" })).toEqual([]);
  });

  it("a filtered plan shows its groups and the whole plan's last lines", () => {
    const filter = filterSelection(plan.table, { stage: "mock", where: "realization=100..101" })!;
    const groups = groupsOf(plan, wanted({ stage: "mock", where: "realization=100..101" }));
    const text = formatPlan({ ...plan.summary, groups }, { ...LOOK, filter: filter.text });
    expect(text.split("\n")[0]).toBe("roman-grs v1.0  812 jobs  only --stage mock --where realization=100..101");
    expect(text).toContain("7  missing_input");
    expect(text).not.toContain("params_changed");
    expect(text).toContain("Plan: 2 new, 202 rerun, 1 retry, 0 adopt, 14 blocked, 8 forgotten, 593 unchanged.");
  });
});

describe("listings", () => {
  it("-v shows every job with its reason and details, forgotten ones last", () => {
    const lines = [...listJobs(plan, LOOK)].join("").split("\n");
    expect(lines).toContain("-/+ mock[realization=0,redshift=1.1]  params_changed");
    expect(lines[lines.indexOf("-/+ mock[realization=0,redshift=1.1]  params_changed") + 1]).toBe(
      "      params.lgmpMin: 12 -> 12.25",
    );
    expect(lines).toContain("    mock[realization=0,redshift=1.4]  completed");
    expect(lines.filter((line) => line.endsWith("  forget"))).toHaveLength(8);
    expect(lines.at(-2)).toBe("  . mock[realization=50,redshift=2]  forget");
  });

  it("no plan is long by default", () => {
    for (const name of Object.keys(STORIES))
      expect(formatPlan(STORIES[name]!().plan().summary, LOOK).split("\n").length).toBeLessThan(50);
  });
});

describe("json", () => {
  it("groups, then the summary", () => {
    const objects = [...planObjects(plan.summary)] as Record<string, unknown>[];
    expect(objects.map((o) => o["type"])).toEqual([...plan.summary.groups.map(() => "group"), "summary"]);
    expect(objects[0]).toEqual({
      type: "group",
      stage: "mock",
      action: "create",
      reason: "new",
      count: 1,
      range: expect.any(String),
      example: "mock[realization=100,redshift=1.4]",
      detail: { type: "found", paths: ["catalogs/r0100/mock_z1.400.hdf5"] },
      sharing: 1,
    });
    expect(objects.at(-1)).toMatchObject({
      type: "summary",
      campaign: "roman-grs",
      jobs: 812,
      counts: { create: 2, rerun: 202, keep: 593, forget: 8 },
      partial: false,
      refusals: [],
    });
  });

  it("one change a job, keep included, with details", () => {
    const objects = [...planJobObjects(plan.summary, plan)] as Record<string, unknown>[];
    const changes = objects.filter((o) => o["type"] === "change");
    expect(changes).toHaveLength(812 + 8);
    expect(changes.find((o) => o["key"] === "mock[realization=0,redshift=1.1]")).toEqual({
      type: "change",
      key: "mock[realization=0,redshift=1.1]",
      action: "rerun",
      reason: "params_changed",
      details: [{ type: "field", field: "params", path: "params.lgmpMin", old: "12", new: "12.25" }],
    });
    expect(changes.find((o) => o["key"] === "mock[realization=0,redshift=1.4]")).toEqual({
      type: "change",
      key: "mock[realization=0,redshift=1.4]",
      action: "keep",
      reason: "completed",
    });
    const filtered = [...planJobObjects(plan.summary, plan, wanted({ where: "realization=0" }))] as Record<
      string,
      unknown
    >[];
    expect(filtered.filter((o) => o["type"] === "change")).toHaveLength(8);
  });
});
