// The search for systematic patches: finds what is planted, whatever its row, and accuses nobody else.
import { describe, expect, test } from "vitest";
import { findSystematicRows, type NamedStack, scanRows } from "../../../campaigns/lensing-ssc/statistics/systematic.ts";
import { standinValues } from "../../../campaigns/lensing-ssc/standin.ts";
import { everyRow, type Stack } from "../../../campaigns/lensing-ssc/statistics/stack.ts";

const RULE = { sigma: 10, seedFraction: 0.5 };
const SEEDS = [1, 2, 3, 4];
const ROWS = 60;

/** The stand-in's C_l and PDF, with `change(seed index, row, bin, value)` applied to C_l. */
function stacks(change: (seed: number, row: number, bin: number, value: number) => number): NamedStack[] {
  const standin = { zs: 1, rows: ROWS, ngals: [0], smoothings: [2], superSample: 0 };
  const of = (path: string): Stack => {
    const values = new Float32Array(SEEDS.length * ROWS * 8);
    SEEDS.forEach((seed, i) => values.set(standinValues(standin, seed).get(path)!, i * ROWS * 8));
    return { seeds: SEEDS.length, rows: ROWS, bins: 8, values };
  };
  const cl = of("power_spectra/ngal_0/cl");
  const changed = cl.values.map((value, index) => {
    const patch = Math.floor(index / 8);
    return change(Math.floor(patch / ROWS), patch % ROWS, index % 8, value);
  });
  return [["cl", { ...cl, values: changed }], ["pdf", of("smoothed_statistics/ngal_0/sl_2/pdf")]]; // prettier-ignore
}

const same = (_seed: number, _row: number, _bin: number, value: number) => value;

describe("systematic rows", () => {
  test("none in a set without one", () => {
    const { found, first, remaining } = findSystematicRows(stacks(same), RULE);
    expect(found).toEqual([]);
    expect(remaining).toEqual([]);
    expect(Math.max(...first.scores)).toBeLessThan(5);
  });

  test.each([0, 17, 59])("row %i is found, with its statistic, bin and seeds", (planted) => {
    const set = stacks((_, row, bin, value) => (row === planted && bin === 6 ? value * 3 : value));
    const { found, remaining } = findSystematicRows(set, RULE);
    expect(found.map(({ row }) => row)).toEqual([planted]);
    expect(found[0]!.evidence).toHaveLength(1);
    expect(found[0]!.evidence[0]).toMatchObject({ statistic: "cl", bin: 6, seeds: 4 });
    expect(found[0]!.evidence[0]!.smallest).toBeGreaterThan(10);
    expect(remaining).toEqual([]);
  });

  test("an outlier in half of the seeds is a realisation, in more than half a defect", () => {
    const inSeeds = (count: number) =>
      stacks((seed, row, bin, value) => (row === 5 && bin === 2 && seed < count ? value * 3 : value));
    expect(findSystematicRows(inSeeds(2), RULE).found).toEqual([]);
    expect(findSystematicRows(inSeeds(3), RULE).found.map(({ row }) => row)).toEqual([5]);
  });

  test("different rows in different seeds are no systematic patch", () => {
    const set = stacks((seed, row, _, value) => (row === 10 + seed ? value * 3 : value));
    expect(findSystematicRows(set, RULE).found).toEqual([]);
  });

  test("a bin of rare events accuses nobody and is counted as unjudged", () => {
    const set = stacks((_, row, bin, value) => (bin === 0 ? (row % 2 === 0 ? 0 : value * (row % 7)) : value));
    const { found, first } = findSystematicRows(set, RULE);
    expect(found).toEqual([]);
    expect(first.unjudgedBins).toBe(1);
    expect(first.judgedBins).toBe(15);
  });

  test("the score of a row is the robust z that it exceeds in more than half of the seeds", () => {
    const set = stacks((seed, row, bin, value) => (row === 5 && bin === 2 ? value * (2 + seed) : value));
    const scan = scanRows(set, RULE, everyRow(ROWS));
    const { smallest, worst } = scan.found[0]!.evidence[0]!;
    expect(scan.scores[5]).toBeGreaterThan(smallest);
    expect(scan.scores[5]).toBeLessThan(worst);
  });

  test("a row that hid behind worse ones is found in the next pass", () => {
    // Eight rows at four times the value widen the MAD of the bin; without them row 30 stands out as well.
    const set = stacks((_, row, bin, value) =>
      bin !== 4 ? value : row < 8 ? value * 4 : row === 30 ? value * 1.74 : value,
    );
    const { found, first, remaining } = findSystematicRows(set, RULE);
    expect(first.found.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(found.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 30]);
    expect(remaining).toEqual([]);
  });
});
