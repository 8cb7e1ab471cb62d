// Values that break shells, quoting and file names arrive byte for byte: in argv, in the job file, in a task, in output names.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { filesIn } from "../helpers/folder.ts";
import { planLines } from "../helpers/plan-lines.ts";

const NASTY = [
  "two words", "'single'", '"double"', "line\nbreak", "tab\there", "$(touch pwned)", "`touch pwned`", "$HOME", "a,b", "-rf", "--out=x",
  "Größe Ω 日本語 🜨", "", " ", "*", "~", "a;b", "a&b", "a|b", "a>b", "\\", "\\n", "%s", "{x}", "[y]", "!", "#", "null", "true", "1", "1e3",
  "\u2028", "e\u0301", "<output:out>", "--", "'", '"', "$", "\r\n", "\u007f", "__proto__",
] as const; // prettier-ignore

/** Of file names: "/" and NUL cannot be, control characters and backslashes are refused by the compiler. */
const NAMES = ["two words", "'q'", '"d"', "$(x)", "`y`", "a,b", "-rf", "Größe 日本語 🜨", "*", "a;b&c|d>e", "%s", "[y]{z}", "#!", "~", "<output:out>", "e\u0301", "a=b", "cmc-job.json", "..x", "x.."] as const; // prettier-ignore

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, json, task, type JobContext } from "cmc";

const values = ${JSON.stringify(NASTY)} as const;
const names = ${JSON.stringify(NAMES)} as const;
const value = axis.list("value", values);
const number = (v: string): number => values.indexOf(v as (typeof values)[number]);

// Writes what it was given: its arguments, its environment, its job file.
export const argv = defineStage({ name: "argv", matrix: [value] }, {
  outputs: { out: json(({ value }) => \`argv/\${number(value)}.json\`) },
}, {
  run: command(({ point, outputs, staging }) => ["node", "-e", "PROGRAM", "--", point.value, "x" + point.value + "y", outputs.out], {
    params: ({ value }) => ({ value, nested: [{ [value + "k"]: value }] }), env: { NASTY: "a b\\n$(x)'" },
  }),
});

function write(ctx: JobContext<{ value: string; deep: { list: readonly string[] } }, {}, "out", { value: string }>): void {
  ctx.writeText(ctx.outputs.out, JSON.stringify({ point: ctx.point, params: ctx.params, key: ctx.key }));
}
export const tasks = defineStage({ name: "task", matrix: [value] }, {
  outputs: { out: json(({ value }) => \`task/\${number(value)}.json\`) },
}, { run: task(write, { params: ({ value }) => ({ value, deep: { list: [value, value] } }) }) });

const name = axis.list("name", names);
export const named = defineStage({ name: "named", matrix: [name] }, {
  outputs: { out: file(({ name }) => \`named/\${name}/\${name}\`), same: file(({ name }) => \`other/\${name}\`) },
}, { run: command(({ outputs, point }) => ["sh", "-c", 'printf %s "$1" > "$2" && printf same > "$3"', "sh", point.name, outputs.out, outputs.same]) });
export const read = defineStage({ name: "read", matrix: [name] }, {
  inputs: { a: named.outputs.out.each() }, outputs: { out: file(({ name }) => \`read/\${name}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["cp", "--", inputs.a, outputs.out]) });

export default defineCampaign({ name: "nasty", version: "v1.0", stages: [argv, tasks, named, read], outputs: { base: "my runs" } });
`;

const PROGRAM = `const [value, mixed, out] = process.argv.slice(1); const fs = require("fs"); const e = process.env; fs.writeFileSync(out, JSON.stringify({ value, mixed, point: e.CMC_POINT_VALUE, nasty: e.NASTY, key: e.CMC_KEY, job: JSON.parse(fs.readFileSync(e.CMC_JOB_FILE, "utf8")) }))`;

describe("nasty values", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN.replace('"PROGRAM"', JSON.stringify(PROGRAM)) });
  const root = join(rig.dir, "my runs", "nasty_v1.0");
  const made = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8")) as Record<string, unknown>;
  afterAll(rig.dispose);
  beforeAll(async () => {
    const { code, out, err } = await rig.cmc(["apply", "--auto-approve"]);
    expect({ code, err, out: code === 0 ? "" : out }).toEqual({ code: 0, err: "", out: "" });
  });

  it.each(NASTY.map((value, i) => [JSON.stringify(value), value, i] as const))(
    "%s arrives in a command",
    (_, value, i) => {
      const seen = made(`argv/${i}.json`);
      expect(seen).toMatchObject({ value, mixed: `x${value}y`, point: value, nasty: "a b\n$(x)'" });
      const job = seen["job"] as Record<string, unknown>;
      expect(job).toMatchObject({ stage: "argv", point: { value } });
      expect(JSON.stringify(job["params"])).toBe(JSON.stringify({ nested: [{ [`${value}k`]: value }], value }));
      expect(seen["key"]).toBe(job["key"]);
    },
  );

  it.each(NASTY.map((value, i) => [JSON.stringify(value), value, i] as const))(
    "%s arrives in a task",
    (_, value, i) => {
      expect(made(`task/${i}.json`)).toMatchObject({
        point: { value },
        params: { value, deep: { list: [value, value] } },
      });
    },
  );

  it("no two values share a key", async () => {
    const listed = await rig.json(["plan", "-v", "--stage", "argv"]);
    const changes = listed.filter(({ type }) => type === "change").map(({ key }) => key);
    expect(new Set(changes).size).toBe(NASTY.length);
  });

  it("makes outputs of nasty names, hands them on, and finds them again", async () => {
    const files = filesIn(root);
    for (const name of NAMES) {
      expect(files).toContain(`named/${name}/${name}`);
      expect(readFileSync(join(root, `read/${name}.txt`), "utf8")).toBe(name);
    }
    expect(files.some((path) => path.includes("pwned"))).toBe(false);
    expect(await planLines(rig)).toEqual([]);
    const rows = await query(
      join(root, "metadata/campaign.db"),
      "SELECT count(*) FROM outputs WHERE path LIKE 'named/%'",
    );
    expect(rows).toEqual([[NAMES.length]]);
  });

  it("takes keys and filters with such values on the command line", async () => {
    const objects = await rig.json(["plan", "-v", "--stage", "task"]);
    const keys = objects.filter(({ type }) => type === "change").map(({ key }) => String(key));
    const quoted = keys.find((key) => key.includes("two words"))!;
    expect(quoted).toBe('task[value="two words"]');
    expect((await rig.cmc(["show", quoted])).out).toContain('"value":"two words"');
    expect((await rig.cmc(["plan", "--list", "-v", "--stage", "task", "--where", 'value="a,b"'])).out).toBe(
      'task[value="a,b"]\n',
    );
    expect((await rig.cmc(["explain", 'task[value="$(touch pwned)"]'])).out).toContain(
      "`cmc apply --replace 'task[value=\"$(touch pwned)\"]'` runs it again.",
    );
  });
});
