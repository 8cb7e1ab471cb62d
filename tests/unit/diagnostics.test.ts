// The catalogue: every code is used, and every code that is used has a remedy and an exit code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CATALOGUE } from "../../src/diagnostics/catalogue.ts";
import { EXIT } from "../../src/diagnostics/exit.ts";

const SRC = join(import.meta.dirname, "..", "..", "src");
const SOURCES = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith("catalogue.ts"))
  .map((file) => readFileSync(join(SRC, file), "utf8"))
  .join("\n");

test.each(Object.entries(CATALOGUE))("%s is said somewhere, with a remedy and an exit code", (code, entry) => {
  expect(SOURCES).toContain(`"${code}"`);
  expect(entry.remedy.length).toBeGreaterThan(5);
  expect(EXIT[entry.exit]).toBeGreaterThan(0);
});
