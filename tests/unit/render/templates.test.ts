// Quoting, as a shell reads it back.
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { oneLine, quote, templates } from "../../../src/render/templates.ts";

it("gives any words back through a shell", () => {
  const word = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
      const script = `printf '%s\\0' ${words.map(quote).join(" ")}`;
      expect(spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout.split("\0").slice(0, -1)).toEqual(words);
    }),
    { numRuns: 40 },
  );
});

it("leaves plain words readable and quotes the empty one", () => {
  expect(["/opt/node-20/bin/node", "--export=ALL", "a b", "", "it's"].map(quote)).toEqual([
    "/opt/node-20/bin/node",
    "--export=ALL",
    "'a b'",
    "''",
    "'it'\\''s'",
  ]);
});

it("keeps a comment on its line", () => {
  expect(oneLine("a\nrm -rf /\r\u0000b")).toBe("a rm -rf / b");
});

it("escapes no HTML and refuses names the data does not have", async () => {
  const compile = await templates();
  expect(compile("{{line a}} && {{quote a}}")({ a: "x && y" })).toBe("x && y && 'x && y'");
  expect(() => compile("{{missing}}")({})).toThrow('"missing" not defined');
});
