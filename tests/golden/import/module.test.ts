// The module and the site profile that import makes of a stand-in production: whole files, formatted, with every comment of the YAML.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as prettier from "prettier";
import { expect, it } from "vitest";
import { importFiles } from "../../../src/import/import.ts";
import { REPOSITORY } from "../../helpers/cli.ts";
import { expectGolden } from "../../helpers/golden.ts";

const FIXTURES = join(REPOSITORY, "tests", "fixtures", "import");

const { imported } = await importFiles(["survey.yaml"], { cwd: FIXTURES, out: "/campaigns/survey" });
const files = new Map([...imported[0]!.files].map(([path, text]) => [relative("/campaigns/survey", path), text]));

it("is as it was reviewed", () =>
  expectGolden("import/survey", new Map([...files].map(([path, text]) => [path, Buffer.from(text)]))));

it.each([...files])("%s is left alone by the formatter", async (path, text) =>
  expect(await prettier.format(text, { filepath: path, printWidth: 120 })).toBe(text),
);

it("loses no comment that holds", () => {
  const made = [...files.values()].join("\n");
  const comments = ["survey.yaml", "template.yaml", "nersc.defaults.yaml"].flatMap((name) =>
    [...readFileSync(join(FIXTURES, name), "utf8").matchAll(/#\s*(.*)/g)].map((match) => match[1]!),
  );
  const lost = comments.filter((text) => !made.includes(text));
  // They explain the template's redshifts and the machine's account; the production says others.
  expect(lost).toEqual(["order is priority: the redshift of the emission lines first", "ends in September"]);
  expect(comments.length).toBeGreaterThan(15);
});
