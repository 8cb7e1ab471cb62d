// cmc site show, and what a fault in a profile looks like.
import { afterAll, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";

const rig = makeRig({
  "mine.yaml": "extends: slurm-generic\nqueue:\n  qos: regular\n  options: [--exclusive, --array=1-3]\n",
});
afterAll(() => rig.dispose());

it("refuses what cmc says to sbatch itself, and shows where it stands", async () => {
  expect(await rig.cmc(["site", "show", "mine.yaml"])).toMatchObject({
    code: 3,
    out: "",
    err: `error site/invalid: option --array=1-3: cmc sets --array itself
  mine.yaml:4:26
  3 |   qos: regular
  4 |   options: [--exclusive, --array=1-3]
    |                          ^^^^^^^^^^^
  5 | 
  remedy: Correct the field at the position shown.
`,
  });
});

it("shows every field and who says it", async () => {
  rig.write("mine.yaml", "extends: slurm-generic\nqueue:\n  qos: regular\n");
  const { code, out } = await rig.cmc(["site", "show", "mine.yaml"]);
  const rows = out.split("\n").map((line) => line.split(/ {2,}/));
  expect(code).toBe(0);
  expect(rows[0]).toEqual(["mine"]);
  expect(rows).toContainEqual(["queue.qos", "regular", "mine.yaml:3"]);
  expect(rows).toContainEqual(["executor", "slurm", "slurm-generic (delivered with cmc):2"]);
  expect(rows).toContainEqual(["limits.visibility", "10s", "default"]);
  const lines = (await rig.cmc(["site", "show", "mine.yaml", "--json"])).out.trimEnd().split("\n").slice(1);
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects).toContainEqual({ type: "field", path: "queue.qos", value: "regular", file: "mine.yaml", line: 3 });
  expect(objects.at(-1)).toMatchObject({ type: "site", name: "mine", executor: "slurm", limits: { visibility: 10 } });
});
