// The reference page of the plan names everything the code may say.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXIT } from "../../../src/diagnostics/exit.ts";
import { ACTIONS, REASONS } from "../../../src/plan/types.ts";

const PAGE = readFileSync(new URL("../../../docs/reference/plan.md", import.meta.url), "utf8");

test.each([...ACTIONS])("action %s is explained", (action) => {
  expect(PAGE).toContain(`| \`${action}\` |`);
});

test.each([...REASONS])("reason %s is explained", (reason) => {
  expect(PAGE).toMatch(new RegExp(`^\\|.*\`${reason}\``, "m"));
});

test.each(Object.values(EXIT))("exit code %i is explained", (code) => {
  expect(PAGE).toMatch(new RegExp(`^\\| ${code} \\|`, "m"));
});
