// Array expressions: what SLURM prints is read, what is written is as short as can be and means the same.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatArray, parseArray, splitArray } from "../../../src/executors/slurm/array-expression.ts";
import { arrayTasks, parseJobId } from "../../../src/executors/slurm/job-id.ts";

const few = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 });
const many = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 400 });
/** Runs of steps, as retries of whole groups are. */
const runs = fc
  .array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30 })), { minLength: 1, maxLength: 6 })
  .map((all) => all.flatMap(([first, step, count]) => Array.from({ length: count }, (_, i) => first + i * step))); // prettier-ignore
const tasks = fc.oneof(few, many, runs).map((list) => [...new Set(list)].sort((a, b) => a - b));

describe("read", () => {
  test.each([
    ["0-9:3,12,20-22%5", { tasks: [0, 3, 6, 9, 12, 20, 21, 22], throttle: 5 }],
    ["4,6,8,10%2", { tasks: [4, 6, 8, 10], throttle: 2 }],
    ["7", { tasks: [7] }],
    ["1,1,2", { tasks: [1, 2] }],
    ["0-300:3", { tasks: Array.from({ length: 101 }, (_, i) => i * 3) }],
    ["3-4,0-1%0", { tasks: [0, 1, 3, 4] }],
  ])("%s", (text, expected) => expect(parseArray(text)).toEqual(expected));

  test.each(["", "a", "5-1", "1,,2", "1-", "1-5:0", "1%", "1%2%3", "0x1F", "0,3,57-58,...", "0-99999999999", "1-2-3", "-1"])(
    "not %j",
    (text) => expect(parseArray(text)).toBeUndefined(),
  ); // prettier-ignore
});

describe("written", () => {
  test.each([
    [[0, 1, 2, 3], "0-3"],
    [[0, 3, 6, 9], "0-9:3"],
    [[8, 9], "8-9"],
    [[8, 10], "8,10"],
    [[0, 2, 4, 5, 6, 7], "0,2,4-7"],
    [[0, 2, 4, 6, 8, 9, 10], "0-8:2,9-10"],
    [[5], "5"],
    [[], ""],
  ])("%j as %s", (list, text) => expect(formatArray(list)).toBe(text));

  test("with a throttle", () => expect(formatArray([0, 1, 2], { throttle: 7 })).toBe("0-2%7"));
  test("without steps", () => expect(formatArray([0, 2, 4, 5, 6], { steps: false })).toBe("0,2,4-6"));

  test("and read, it is the same", () => {
    fc.assert(
      fc.property(tasks, fc.boolean(), fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }), (list, steps, throttle) => {
        const text = formatArray(list, { steps, throttle });
        expect(parseArray(text)).toEqual({ tasks: list, ...(throttle ? { throttle } : {}) });
        if (!steps) expect(text).not.toContain(":");
      }),
    );
  }); // prettier-ignore

  test("nothing shorter can be made of neighbours", () => {
    fc.assert(
      fc.property(few, (list) => {
        expect(formatArray(sorted(list)).length).toBe(shortest(sorted(list)));
      }),
    );
  });

  test("a full array of the largest size is done in a moment", () => {
    const all = Array.from({ length: 100_000 }, (_, i) => i);
    expect(formatArray(all)).toBe("0-99999");
    expect(formatArray(all.filter((i) => i % 7 !== 0)).length).toBeLessThan(200_000);
  });
});

test("split, every part is short enough and all together are the list", () => {
  fc.assert(
    fc.property(tasks, fc.integer({ min: 23, max: 200 }), (list, most) => {
      const parts = splitArray(list, most);
      expect(parts.every((part) => part.length <= most)).toBe(true);
      expect(parts.flatMap((part) => parseArray(part)!.tasks)).toEqual(list);
    }),
  );
  expect(splitArray([], 30)).toEqual([]);
});

describe("job ids", () => {
  test.each([
    ["17", { job: 17, rest: false }],
    ["35_4", { job: 35, tasks: [4], rest: false }],
    ["35_[4,6,8,10%2]", { job: 35, tasks: [4, 6, 8, 10], throttle: 2, rest: true }],
  ])("%s", (text, expected) => expect(parseJobId(text)).toEqual(expected));

  test.each(["16.batch", "12+0", "2_[0,3,8,11,13-14,17,22-23,27-2", "2_[0,3,...]", "35_", "", "foo"])(
    "%s is none, or was cut off",
    (text) => expect(parseJobId(text)).toBeUndefined(),
  ); // prettier-ignore

  test("tasks to be cancelled have no steps and fit on a command line", () => {
    expect(arrayTasks(35, [4])).toEqual(["35_4"]);
    expect(arrayTasks(35, [0, 2, 4, 6])).toEqual(["35_[0,2,4,6]"]);
    const odd = Array.from({ length: 5000 }, (_, i) => 2 * i + 1);
    const names = arrayTasks(35, odd);
    expect(names.length).toBeGreaterThan(1);
    expect(names.flatMap((name) => parseJobId(name)!.tasks!)).toEqual(odd);
  });
});

function sorted(list: readonly number[]): readonly number[] {
  return [...list].sort((a, b) => a - b);
}

/** All ways to cut the list into runs of one step. */
function shortest(list: readonly number[], from = 0, memo = new Map<number, number>()): number {
  if (from === list.length) return 0;
  const known = memo.get(from);
  if (known !== undefined) return known;
  let best = Infinity;
  for (let to = from; to < list.length; to++) {
    const step = list[from + 1]! - list[from]!;
    if (to > from && list[to]! - list[to - 1]! !== step) break;
    const last = list[to]!;
    const text = to === from ? `${last}` : step === 1 ? `${list[from]}-${last}` : `${list[from]}-${last}:${step}`;
    best = Math.min(best, text.length + (to + 1 < list.length ? 1 : 0) + shortest(list, to + 1, memo));
  }
  memo.set(from, best);
  return best;
}
