// Addresses of `cmc mv`: what they mean, and what is said of those that mean nothing.
import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../../src/diagnostics/diagnostic.ts";
import type { CampaignIR } from "../../../src/ir/campaign.ts";
import { entryOf, readRename } from "../../../src/refactor/address.ts";
import { entryText } from "../../../src/refactor/entry.ts";
import { needsEntry } from "../../../src/refactor/needed.ts";

const z = { name: "z", values: [0.5, 1.4] };
const box = { name: "box", values: ["big", "tiled"] };
const IR = {
  stages: [
    { name: "mock", axes: [z, box], outputs: [{ name: "cat" }, { name: "log" }] },
    { name: "fit", axes: [z], outputs: [{ name: "text" }] },
  ],
} as unknown as CampaignIR;

describe("readRename", () => {
  it.each([
    ["mock", "catalogue", 'moved({ from: { stage: "mock" }, to: { stage: "catalogue" } });'],
    ["[z]", "[redshift]", 'moved({ from: { axis: "z" }, to: { axis: "redshift" } });'],
    ["mock[z]", "mock[q]", 'moved({ from: { stage: "mock", axis: "z" }, to: { stage: "mock", axis: "q" } });'],
    ["[box=big]", "[box=x y]", 'moved({ from: { at: { box: "big" } }, to: { at: { box: "x y" } } });'],
    ["mock[z=0.5]", "mock[z=5e-1000]", 'moved({ from: { stage: "mock", at: { z: 0.5 } }, to: { stage: "mock", at: { z: 0 } } });'],
    ["mock.cat", "mock.catalog", 'moved({ from: { stage: "mock", output: "cat" }, to: { stage: "mock", output: "catalog" } });'],
  ])("%s -> %s", (from, to, entry) => {
    expect(entryText(entryOf(readRename(from, to, IR)))).toBe(entry);
  }); // prettier-ignore

  it.each([
    ["moc", "x", "the campaign has no stage moc", "Did you mean mock? The stages: mock, fit."],
    ["mock", "fit", "there is a stage fit already", "fit would be two things."],
    ["mock", "[z]", "mock is a stage and [z] is an axis", undefined],
    ["[y]", "[q]", "the campaign has no axis y", "The axes: z, box."],
    ["fit[box]", "fit[q]", "stage fit has no axis box", "The axes: z."],
    ["[z]", "[box]", "there is an axis box already", "[box] would be two things."],
    ["mock[z]", "fit[q]", "mock[z] and fit[q] name different stages", "Rename one thing at a time."],
    ["[box=big]", "[z=big]", "[box=big] and [z=big] name different axes", "Rename one thing at a time."],
    ["[box=bg]", "[box=b]", "axis box has no value bg", "The values: big, tiled."],
    ["[box=big]", "[box=tiled]", "[box=tiled] is a value of box already", "Two jobs would have one name."],
    ["[z=0.5]", "[z=half]", "z takes numbers, and [z=half] gives it another", undefined],
    ["[z=0.5]", "[z=]", "z takes numbers, and [z=] gives it another", undefined],
    ["mock.ca", "mock.x", "stage mock has no output ca", "The outputs: cat, log."],
    ["mock.cat", "mock.log", "there is an output log already", "mock.log would be two things."],
    ["", "x", '"" is no address', undefined],
    ["mock[z", "x", "mock[z is no address", undefined],
    [".cat", "x", ".cat is no address", undefined],
  ])("%s -> %s is refused", (from, to, message, remedy) => {
    const run = () => readRename(from, to, IR);
    expect(run).toThrow(DiagnosticError);
    try {
      run();
    } catch (error) {
      const [{ code, message: said, remedy: told } = {}] = (error as DiagnosticError).diagnostics.map((one) => one);
      expect({ code, said, told }).toEqual({ code: "mv/bad-address", said: message, told: remedy });
    }
  });
});

describe("needsEntry", () => {
  const needs = (from: string, to: string, keys: readonly string[], moved: CampaignIR["moved"] = []) =>
    needsEntry(readRename(from, to, IR), { ...IR, moved }, { jobs: new Map(keys.map((key) => [key, { attempts: [{}] }])) as never }); // prettier-ignore

  it("where something was run under the name", () => {
    expect(needs("mock", "x", ["mock[box=big,z=0.5]"])).toBe(true);
    expect(needs("mock", "x", ["fit[z=0.5]"])).toBe(false);
    expect(needs("[z]", "[q]", ["fit[z=0.5]"])).toBe(true);
    expect(needs("mock.cat", "mock.c", ["fit[z=0.5]"])).toBe(false);
    expect(needs("[box=big]", "[box=b]", ["mock[box=tiled,z=0.5]"])).toBe(false);
    expect(needs("[box=big]", "[box=b]", ["mock[box=big,z=0.5]"])).toBe(true);
  });

  it("where an earlier entry leads to the name", () => {
    expect(needs("mock", "x", [], [{ from: { stage: "old" }, to: { stage: "mock" } }])).toBe(true);
    expect(needs("mock", "x", [], [{ from: { stage: "old" }, to: { stage: "fit" } }])).toBe(false);
    expect(needs("mock", "x", ["old"], [{ from: { stage: "old" }, to: { stage: "fit" } }])).toBe(true);
    expect(needs("[z]", "[q]", [], [{ from: { axis: "a" }, to: { axis: "z" } }])).toBe(true);
    expect(needs("[box=big]", "[box=b]", [], [{ from: { at: { box: "l" } }, to: { at: { box: "big" } } }])).toBe(true);
    expect(needs("mock.cat", "mock.c", [], [{ from: { stage: "mock", output: "a" }, to: { stage: "mock", output: "cat" } }])).toBe(true); // prettier-ignore
  });
});
