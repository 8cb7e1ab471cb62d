// Earlier names of jobs and outputs: what a list of `moved` entries says, walked backwards.
import { describe, expect, it } from "vitest";
import { Moves } from "../../../src/plan/moves.ts";

const keys = (moves: Moves, stage: string, point: Record<string, string | number>) =>
  moves.before({ stage, point }).map(({ key }) => key);

describe("earlier keys", () => {
  it("follows a stage through two names, the latest first", () => {
    const moves = new Moves([
      { from: { stage: "a" }, to: { stage: "b" } },
      { from: { stage: "b" }, to: { stage: "c" } },
    ]);
    expect(keys(moves, "c", { r: 1 })).toEqual(["b[r=1]", "a[r=1]"]);
    expect(keys(moves, "d", { r: 1 })).toEqual([]);
    expect(moves.concern("c")).toBe(true);
    expect(moves.concern("d")).toBe(false);
  });

  it("renames an axis in one stage, or in all that have it", () => {
    const one = new Moves([{ from: { stage: "m", axis: "z" }, to: { stage: "m", axis: "redshift" } }]);
    expect(keys(one, "m", { redshift: 2, r: 1 })).toEqual(["m[r=1,z=2]"]);
    expect(keys(one, "n", { redshift: 2 })).toEqual([]);
    const all = new Moves([{ from: { axis: "z" }, to: { axis: "redshift" } }]);
    expect(keys(all, "n", { redshift: 2 })).toEqual(["n[z=2]"]);
    expect(keys(all, "n", { r: 2 })).toEqual([]);
  });

  it("renames a value, splits an axis off and takes one away", () => {
    const value = new Moves([{ from: { at: { box: "big" } }, to: { at: { box: "bigbox" } } }]);
    expect(keys(value, "m", { box: "bigbox" })).toEqual(["m[box=big]"]);
    expect(keys(value, "m", { box: "tiled" })).toEqual([]);
    const added = new Moves([{ from: { stage: "m" }, to: { stage: "m", at: { redshift: 1.4 } } }]);
    expect(keys(added, "m", { r: 3, redshift: 1.4 })).toEqual(["m[r=3]"]);
    expect(keys(added, "m", { r: 3, redshift: 2 })).toEqual([]);
    const gone = new Moves([{ from: { stage: "m", at: { redshift: 1.4 } }, to: { stage: "m" } }]);
    expect(keys(gone, "m", { r: 3 })).toEqual(["m[r=3,redshift=1.4]"]);
  });

  it("reads entries in order: an axis renamed after its stage was", () => {
    const moves = new Moves([
      { from: { stage: "a" }, to: { stage: "b" } },
      { from: { stage: "b", axis: "z" }, to: { stage: "b", axis: "redshift" } },
    ]);
    expect(keys(moves, "b", { redshift: 1 })).toEqual(["b[z=1]", "a[z=1]"]);
  });
});

describe("earlier outputs", () => {
  const moves = new Moves([
    { from: { stage: "a", output: "cat" }, to: { stage: "a", output: "catalog" } },
    { from: { stage: "a" }, to: { stage: "b" } },
    { from: { stage: "b", output: "log" }, to: { stage: "b", output: "log" } },
  ]);

  it("are found under the names that their stage had", () => {
    expect(moves.outputsBefore("b", "catalog")).toEqual(["cat"]);
    expect(moves.outputsBefore("b", "log")).toEqual(["log"]);
    expect(moves.outputsBefore("b", "table")).toEqual([]);
  });

  it("give digests their earlier names", () => {
    const namings = moves.namings();
    expect(namings.map((naming) => naming("b", "catalog"))).toEqual(["cat"]);
    expect(namings.map((naming) => naming("b", "table"))).toEqual(["table"]);
  });
});
