// Campaigns with one slip after another, checked by the real checker: every slip is found on its line, under its code, and nothing else is.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkProgram } from "../../src/compile/check/check.ts";

const HERE = import.meta.dirname;
const faults = readdirSync(HERE).filter((name) => name.endsWith(".fault.ts"));

/** `// @fault CODE: TEXT` on the line itself or alone on the line above; several may stand in a row. */
function expected(text: string): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, i) => {
    const match = /\/\/ @fault (\S+): (.*)$/.exec(line);
    if (!match) return [];
    let at = i;
    while (/^\s*\/\/ @fault/.test(lines[at] ?? "")) at += 1;
    return [`${at + 1} ${match[1]}: ${match[2]}`];
  });
}

describe("slips of authors", () => {
  it.each(faults)("%s", (name) => {
    const file = join(HERE, name);
    const found = checkProgram(file, HERE).problems.map((d) => `${d.span!.line} ${d.code}: ${d.message}`);
    expect(found).toEqual(expected(readFileSync(file, "utf8")));
  });

  it("no message is longer than a person reads", () => {
    for (const name of faults)
      for (const { message, remedy } of checkProgram(join(HERE, name), HERE).problems)
        expect(`${message} ${remedy ?? ""}`.length).toBeLessThan(320);
  });

  it("a sound campaign has none", () => {
    expect(checkProgram(join(HERE, "sample.ts"), HERE).problems).toEqual([]);
  });
});
