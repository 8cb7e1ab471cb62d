// Commands and the files they are made of: declared files are code, named and undeclared ones are warned of.
import { expect, test } from "vitest";
import { codeArgument } from "../../../src/ir/code-argument.ts";
import { compileIn, scratch } from "./scratch.ts";

const campaign = (run: string) => `import { command, defineCampaign, defineStage, file } from "cmc";
export const s = defineStage({ name: "s" }, { outputs: { o: file(() => "o.txt") } }, { run: ${run} });
export default defineCampaign({ name: "c", version: "v1.0", stages: [s], outputs: { base: "runs" } });
`;

test("a command that names a file beside the campaign is warned of until it declares it", async () => {
  const files = { "gen.py": "print(1)\n" };
  const undeclared = scratch({
    ...files,
    "campaign.ts": campaign('command(({ outputs }) => ["python3", "gen.py", outputs.o])'),
  });
  const [warning, ...others] = (await compileIn(undeclared)).warnings;
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ code: "compile/code-undeclared", severity: "warning", span: { line: 2 } });
  expect(warning!.remedy).toContain('code: ["gen.py"]');

  const declared = scratch({
    ...files,
    "campaign.ts": campaign('command(({ outputs }) => ["python3", "gen.py", outputs.o], { code: ["gen.py"] })'),
  });
  const { warnings, ir } = await compileIn(declared);
  expect(warnings).toEqual([]);
  expect(ir.stages[0]!.code.sources.map((source) => source.path)).toEqual(["gen.py"]);
});

test("only arguments that are declared files, as written, become paths", () => {
  const code = { sources: [{ path: "gen.py", digest: "0" }] };
  const at = (argument: string) => codeArgument(argument, code, (path) => `/campaign/${path}`);
  expect(["gen.py", "./gen.py", "--x=gen.py", "other.py"].map(at)).toEqual([
    "/campaign/gen.py",
    "./gen.py",
    "--x=gen.py",
    "other.py",
  ]);
});

test("a stage that a preset leaves out is no stage of the campaign", async () => {
  const source = (preset: string) => `import { command, defineCampaign, defineStage, file } from "cmc";
const preset: string = "${preset}";
const run = { run: command(() => ["true"]) };
export const a = defineStage({ name: "a", when: preset !== "b" }, { outputs: { o: file(() => "a") } }, run);
export const b = defineStage({ name: "b", when: preset === "b" }, { outputs: { o: file(() => "b") } }, run);
export default defineCampaign({ name: "c", version: "v1.0", stages: [a, b], outputs: { base: "runs" } });
`;
  const stagesOf = async (preset: string) =>
    (await compileIn(scratch({ "campaign.ts": source(preset) }))).ir.stages.map((stage) => stage.name);
  expect(await stagesOf("a")).toEqual(["a"]);
  expect(await stagesOf("b")).toEqual(["b"]);
});
