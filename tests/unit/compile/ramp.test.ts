// The ramp of a campaign: both spellings, defaults, and a located refusal of everything that would mean nothing.
import { describe, expect, it, test } from "vitest";
import { validateIR } from "../../../src/ir/schema/validate.ts";
import { recipeOf } from "../../../src/expand/table.ts";
import { campaign, compileIn, diagnosticsOf, marked, scratch } from "./scratch.ts";

const STAGE = `const loose = (value: unknown) => value as never;
export const s = defineStage({ name: "s", matrix: [a] }, { outputs: { o: json(({ a }) => \`\${a}\`) } }, {
  run: task(nothing), gates: { chi2: { metric: "chi2", max: 2, level: "warn" } } });`;
const source = (ramp: string) => campaign(STAGE, "s", `, ramp: ${ramp}`);

describe("a ramp", () => {
  it.each([
    ['[1, 100, "all"]', { steps: [1, 100, "all"], failureRate: 0.1, gates: [] }],
    ['{ steps: [2, "all"] }', { steps: [2, "all"], failureRate: 0.1, gates: [] }],
    ['{ steps: [1, "all"], failureRate: 0, gates: ["chi2", "chi2"] }', { steps: [1, "all"], failureRate: 0, gates: ["chi2"] }],
  ])("%s", async (ramp, expected) => {
    const { ir } = await compileIn(scratch({ "campaign.ts": source(ramp) }));
    expect(ir.ramp).toEqual(expected);
    expect(await validateIR(ir)).toEqual([]);
  }); // prettier-ignore

  it("is not part of any recipe", async () => {
    const recipe = async (more: string) => recipeOf((await compileIn(scratch({ "campaign.ts": campaign(STAGE, "s", more) }))).table().stages[0]!, 0); // prettier-ignore
    expect(await recipe(', ramp: [1, "all"]')).toEqual(await recipe(""));
  });

  test.each([
    ['loose(«[1]»)', "compile/bad-definition", "ramp: [1] is no list of 2 to 100 steps", 'Write ramp: [1, 100, "all"].'],
    ['loose(«[]»)', "compile/bad-definition", "ramp: [] is no list of 2 to 100 steps"],
    ['loose(«[1, 10]»)', "compile/bad-definition", 'ramp: the last step is 10, not "all"'],
    ['[10, «10», "all"]', "compile/bad-definition", "ramp: step 2 (10) is not above step 1 (10)"],
    ['[«0», "all"]', "compile/bad-definition", "ramp: step 1 is 0, not a whole number above 0"],
    ['[1, «2.5», "all"]', "compile/bad-definition", "ramp: step 2 is 2.5, not a whole number above 0"],
    ['loose(«["all", "all"]»)', "compile/bad-definition", 'ramp: step 1 is "all", not a whole number above 0'],
    ['loose(«7»)', "compile/bad-definition", "ramp is 7, not an object"],
    ['loose({ «step»: [1, "all"] })', "compile/unknown-option", "ramp has no option step", /^Did you mean steps\?/],
    ['{ steps: [1, "all"], failureRate: «2» }', "compile/bad-definition", "failureRate is 2; expected a number, at least 0 and at most 1"],
    ['{ steps: [1, "all"], gates: «["chi"]» }', "compile/gate-metric", 'ramp.gates names "chi", which is no gate of any stage', /^Did you mean chi2\? The gates: chi2\./],
  ])("%s is refused", async (ramp, code, message, remedy?: string | RegExp) => {
    const { text, line } = marked(source(ramp));
    const [first] = await diagnosticsOf(scratch({ "campaign.ts": text }));
    expect(first).toMatchObject({ code, message, span: { line } });
    if (remedy !== undefined) expect(first!.remedy).toMatch(remedy);
  }); // prettier-ignore
});
