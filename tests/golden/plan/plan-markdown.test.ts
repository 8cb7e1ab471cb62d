// The plan as a table for a pull request, story by story; and values that would break a table, or a pull request.
import { describe, expect, it } from "vitest";
import { code, escaped, formatMarkdown } from "../../../src/cli/format/plan-markdown.ts";
import { STORIES } from "../../helpers/stories.ts";

describe("plan markdown", () => {
  it.each(["mixed", "failures", "missing-inputs", "no-changes"])("%s", async (name) => {
    const { summary } = STORIES[name]!().plan();
    await expect(formatMarkdown(summary, {})).toMatchFileSnapshot(`expected/${name}.md`);
  });

  it("-v has the groups that change nothing too, and a filter is named", () => {
    const { summary } = STORIES["no-changes"]!().plan();
    const text = formatMarkdown(summary, { verbose: true, filter: "--where n=1|2" });
    expect(text).toContain("804 jobs, only `--where n=1|2`\n");
    expect(text).toContain("|  | `mock` | `completed` | 400 |");
  });

  it("every row has the cells of the heading, whatever the values are", () => {
    const { summary } = STORIES["one-seed"]!().plan();
    const [group] = summary.groups.filter(({ reason }) => reason === "params_changed");
    const nasty = { ...group!, example: "mock[f=`a|b`]", range: "f {`|`, ``}", detail: { type: "note", text: "a | b `c` <img>\n@all #1 ``" } } as const; // prettier-ignore
    const lines = formatMarkdown({ ...summary, groups: [nasty, { ...nasty, count: 2 }] }, {}).split("\n");
    const rows = lines.filter((line) => line.startsWith("|"));
    expect(rows.map((row) => row.replaceAll("\\|", "").split("|").length)).toEqual([8, 8, 8, 8]);
    expect(rows[2]).toBe("| `-/+` | `mock` | `params_changed` | 1 | ``mock[f=`a\\|b`]`` | ``` a \\| b `c` <img> @all #1 `` ``` |"); // prettier-ignore
  });

  it("quotes with fences longer than what they hold", () => {
    expect(code("plain")).toBe("`plain`");
    expect(code("a`b")).toBe("``a`b``");
    expect(code("`a``")).toBe("``` `a`` ```");
    expect(escaped("2 jobs of `x` | <b> *now*\n# y_z")).toBe("2 jobs of \\`x\\` \\| \\<b\\> \\*now\\* \\# y\\_z");
  });
});
