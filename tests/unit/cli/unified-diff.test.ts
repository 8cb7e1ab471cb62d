// A unified diff that patch would take: hunks, ranges, and texts without a last newline.
import { describe, expect, it } from "vitest";
import { linesChanged, unifiedDiff } from "../../../src/cli/format/unified-diff.ts";

const numbers = (change: (n: number) => string | undefined = String) =>
  Array.from({ length: 20 }, (_, i) => change(i + 1)).flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join(""); // prettier-ignore

describe("unifiedDiff", () => {
  it("of equal texts is empty", () => {
    expect(unifiedDiff("a", "x\n", "x\n")).toBe("");
  });

  it("has a hunk a place, with three lines around", () => {
    const after = numbers((n) => (n === 5 ? "five" : n === 18 ? undefined : String(n)));
    expect(unifiedDiff("a.ts", numbers(), after)).toBe(
      ["--- a/a.ts", "+++ b/a.ts", "@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8", "@@ -15,6 +15,5 @@", " 15", " 16", " 17", "-18", " 19", " 20", ""].join("\n"),
    ); // prettier-ignore
    expect(linesChanged(numbers(), after)).toBe(2);
  });

  it("joins places that are near, and finds lines that were only moved past", () => {
    expect(unifiedDiff("a", "1\n2\n3\n", "0\n1\n3\n4\n")).toBe(
      "--- a/a\n+++ b/a\n@@ -1,3 +1,4 @@\n+0\n 1\n-2\n 3\n+4\n",
    );
  });

  it("says where the last newline is missing", () => {
    expect(unifiedDiff("a", "1", "1\n")).toBe(
      "--- a/a\n+++ b/a\n@@ -1,1 +1,1 @@\n-1\n\\ No newline at end of file\n+1\n",
    );
  });

  it("of an empty text begins at line 0", () => {
    expect(unifiedDiff("a", "", "1\n")).toBe("--- a/a\n+++ b/a\n@@ -0,0 +1,1 @@\n+1\n");
  });
});
