// Explanations as people see them: one job of each kind. Look at the files when they change.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { formatExplanation } from "../../../src/cli/format/explain.ts";
import { explanationObjects } from "../../../src/cli/format/explain-json.ts";
import { PLAIN } from "../../../src/diagnostics/palette.ts";
import { placeholder } from "../../../src/ir/placeholder.ts";
import { explain } from "../../../src/plan/explain.ts";
import { buildTable } from "../../helpers/table.ts";
import { STORIES } from "../../helpers/stories.ts";
import { World } from "../../helpers/world.ts";

const WHERE = { root: "/scratch/runs/roman-grs_v1.0", campaignDir: "/home/ada/campaigns/roman grs" };

function told(world: World, key: string): string {
  return formatExplanation(
    explain(world.table, world.plan(), world.state(), world.observations(), world.row(key), WHERE),
    { palette: PLAIN, width: 100 },
  );
}

describe("explain text", () => {
  it.each([
    ["new", "new-campaign", "mock[realization=3,redshift=1.4]"],
    ["kept", "no-changes", "mock[realization=3,redshift=1.4]"],
    ["kept-command", "no-changes", "calibrate[realization=3,redshift=1.4]"],
    ["rerun", "one-seed", "mock[realization=17,redshift=2]"],
    ["fan-in", "failures", "covariance[redshift=2]"],
    ["retry", "failures", "mock[realization=3,redshift=1.4]"],
    ["exhausted", "failures", "mock[realization=3,redshift=2]"],
    ["missing", "missing-inputs", "mock[realization=19,redshift=1.1]"],
    ["group", "missing-inputs", "mock[realization=19,redshift=1.4]"],
    ["blocked", "failures", "calibrate[realization=3,redshift=2]"],
    ["lost-output", "outputs-lost", "mock[realization=3,redshift=0.5]"],
  ])("%s", async (name, story, key) => {
    await expect(told(STORIES[story]!(), key)).toMatchFileSnapshot(`expected/explain-${name}.txt`);
  });

  it("failure with log, checks and resources", async () => {
    const world = STORIES["failures"]!();
    world.finish(world.start("covariance[redshift=1.4]"), "validation", "cov: 2 checks failed", {
      phases: [{ name: "run", seconds: 83.5 }],
      peakMemory: 3_400_000_000,
      exit: 0,
      checks: [
        { output: "cov", check: "hdf5/shape", passed: false, message: "cov: dataset C is 40 x 39, declared 40 x 40" },
        { output: "cov", check: "size/min", passed: true, message: "ok" },
      ],
      logTail: "reading 95 mocks\nwarning: mock 17 has no galaxies\ndone\n",
      log: { file: "logs/w0.log", from: 0, to: 100 },
    });
    const key = "covariance[redshift=1.4]";
    await expect(told(world, key)).toMatchFileSnapshot("expected/explain-failure.txt");
    const objects = [
      ...explanationObjects(explain(world.table, world.plan(), world.state(), world.observations(), world.row(key))),
    ];
    expect(objects.map((o) => (o as { type: string }).type)).toEqual(["job", "attempt"]);
    expect(JSON.stringify(objects)).not.toContain("receipt");
  });

  it("many inputs: the missing ones and a few of the others", async () => {
    const table = buildTable([
      {
        name: "merge",
        inputs: { stats: { files: () => Array.from({ length: 12 }, (_, i) => `stats/s${i}.h5`) } },
        retry: { attempts: 1 },
      },
    ]);
    const world = new World(table).provide(1_400_000);
    world.inputs.delete("stats/s9.h5");
    await expect(told(world, "merge")).toMatchFileSnapshot("expected/explain-many-inputs.txt");
  });

  it("the shell line runs as it is, whatever is in the words", () => {
    const table = buildTable([
      {
        name: "cmd",
        outputs: { out: () => "deep/folder/it's.txt" },
        inputs: { source: { file: () => "in put/a.txt" } },
        argv: () => [
          "sh",
          "-c",
          'printf "%s|" "$@" > "$0"',
          placeholder("output:out"),
          "it's",
          "$HOME",
          `--in=${placeholder("input:source")}`,
          "",
          "a\nb",
        ],
      },
    ]);
    const world = new World(table).provide();
    const { run } = explain(table, world.plan(), world.state(), world.observations(), 0, {
      root: "/r",
      campaignDir: "/home/ada x",
    });
    if (run.kind !== "command") throw new Error(run.kind);
    expect(run.argv[3]).toBe("<output:out>");
    const printed = execFileSync("sh", ["-c", `${run.shell!} && cat out/out/* && rm -r "$CMC_STAGING"`], {
      encoding: "utf8",
    });
    expect(printed).toBe("it's|$HOME|--in=/home/ada x/in put/a.txt||a\nb|");
  });
});
