// The plan as people see it, story by story, in a terminal of 100 columns and a narrow one. Look at the files when they change.
import { describe, expect, it } from "vitest";
import { COLOUR, PLAIN } from "../../../src/diagnostics/palette.ts";
import { formatPlan } from "../../../src/cli/format/plan.ts";
import { STORIES } from "../../helpers/stories.ts";

describe("plan text", () => {
  it.each(Object.keys(STORIES))("%s", async (name) => {
    const { summary } = STORIES[name]!().plan();
    const text = formatPlan(summary, { palette: PLAIN, width: 100 });
    await expect(text).toMatchFileSnapshot(`expected/${name}.txt`);
    for (const line of text.split("\n").slice(0, -3)) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("adopt", async () => {
    const { summary } = STORIES["mixed"]!().plan({ adopt: true });
    await expect(formatPlan(summary, { palette: PLAIN, width: 100 })).toMatchFileSnapshot("expected/mixed-adopt.txt");
  });

  it("narrow and coloured", async () => {
    const { summary } = STORIES["mixed"]!().plan({ limit: 5 });
    await expect(formatPlan(summary, { palette: COLOUR, width: 60 })).toMatchFileSnapshot(
      "expected/mixed-narrow-colour.txt",
    );
  });
});
