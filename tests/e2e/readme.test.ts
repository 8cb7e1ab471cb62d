// The README is for strangers: what it shows must work as it stands.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeRig, REPOSITORY } from "../helpers/cli.ts";

const README = readFileSync(join(REPOSITORY, "README.md"), "utf8");

test("the campaign in the README is planned", async () => {
  const rig = makeRig({
    "campaign.ts": /```ts\n([\s\S]*?)```/.exec(README)![1]!,
    "mock.py": "print()\n",
    "tasks/fit.ts": `import type { FanInElement, JobContext } from "cmc";
type Context = JobContext<{ kMax: number }, { mocks: readonly FanInElement[] }, "text">;
export async function fit(ctx: Context): Promise<void> {
  ctx.writeText(ctx.outputs.text, String(ctx.params.kMax));
}
`,
  });
  try {
    const { code, out, err } = await rig.cmc(["plan"]);
    expect(err).toBe("");
    expect(out).toContain("Plan: 6,000 new, 0 rerun");
    expect(code).toBe(0);
  } finally {
    rig.dispose();
  }
});

test("the README's test command is the one CI runs", () => {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(README).toContain("npm ci && npm test");
  expect(readFileSync(join(REPOSITORY, ".ci/run"), "utf8")).toContain("npm run --silent check");
  expect(scripts["check"]).toBe("node scripts/check.mjs");
  expect(readFileSync(join(REPOSITORY, "scripts/check.mjs"), "utf8")).toContain('["test"]');
});

test("every command the README names exists", async () => {
  const rig = makeRig();
  try {
    const help = (await rig.cmc(["--help"])).out;
    const named = new Set([...README.matchAll(/(?:npx |`)cmc ([a-z-]+)/g)].map((match) => match[1]!));
    expect(named.size).toBeGreaterThan(8);
    for (const command of named) expect(help).toMatch(new RegExp(`^  ${command}\\b`, "m"));
  } finally {
    rig.dispose();
  }
});
