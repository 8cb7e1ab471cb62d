// Judges all redshifts together: one line a check, PASS, WARN or FAIL, with the number behind it. Thresholds are parameters.
import type { RatioRecord } from "../files/ratio-record.ts";
import {
  everyBox,
  extreme,
  headlineBins,
  orderingViolations,
  seedMismatches,
  varianceTrend,
  zsText,
} from "./across.ts";

export interface Thresholds {
  /** Largest |bigbox / tiled - 1| of the mean C_l in any bin. */
  readonly clMeanRatio: number;
  /** Range of the variance ratio of C_l in any bin. */
  readonly clVarianceRatio: readonly [low: number, high: number];
  /** Largest |measured / expected - 1| of the shape noise in C_l. */
  readonly noiseLevel: number;
  /** How many of its own errors the variance ratio may fall from the lowest to the highest redshift. */
  readonly trendSigma: number;
}

export interface Check {
  readonly id: string;
  readonly level: "PASS" | "WARN" | "FAIL";
  readonly text: string;
}

type Judge = (records: readonly RatioRecord[], limits: Thresholds) => Check;

function check(id: string, good: boolean, otherwise: "WARN" | "FAIL", text: string): Check {
  return { id, level: good ? "PASS" : otherwise, text };
}

/** A check whose evidence is a list of problems. */
function none(id: string, problems: readonly string[], otherwise: "WARN" | "FAIL", good: string, bad: string): Check {
  const empty = problems.length === 0;
  return check(id, empty, otherwise, empty ? good : `${bad} ${problems.join("; ")}`);
}

const seeds: Judge = (records) =>
  none("seeds", seedMismatches(records), "FAIL", "every redshift has the same seeds", "seeds differ:");

const systematic: Judge = (records) => {
  const rows = records.flatMap(({ excluded, zs }) =>
    excluded.map(({ box, row }) => `row ${row} of ${box} at ${zsText(zs)}`),
  );
  return none("systematic", rows, "WARN", "no patch is systematic", "set aside as systematic:");
};

const remaining: Judge = (records) => {
  const left = records.reduce((sum, record) => sum + record.remaining, 0);
  const text = left === 0 ? "nothing systematic is left in any set" : `${left} rows are still systematic`;
  return check("remaining", left === 0, "FAIL", text);
};

const mean: Judge = (records, { clMeanRatio }) => {
  const worst = extreme(headlineBins(records, "mean"), (value) => Math.abs(value - 1));
  const error = Math.abs(worst.value - 1);
  const text = `mean C_l agrees within ${percent(error)} (${zsText(worst.zs)}, ${worst.at}); limit ${percent(clMeanRatio)}`;
  return check("mean", error <= clMeanRatio, "FAIL", text);
};

const variance: Judge = (records, { clVarianceRatio: [from, to] }) => {
  const bins = headlineBins(records, "variance");
  const low = extreme(bins, (value) => -value);
  const high = extreme(bins, (value) => value);
  const range = [low, high].map(({ value, zs, at }) => `${value.toFixed(3)} (${zsText(zs)}, ${at})`);
  const text = `variance ratio of C_l from ${range.join(" to ")}; limits ${from} to ${to}`;
  return check("variance", low.value >= from && high.value <= to, "FAIL", text);
};

const ordering: Judge = (records) =>
  none("ordering", orderingViolations(records), "FAIL", "C_l and sigma rise with the source redshift", "no rise:");

const trend: Judge = (records, { trendSigma }) => {
  const { change, error } = varianceTrend(records);
  const sign = change < 0 ? "-" : "+";
  const text = `variance ratio of C_l, lowest to highest zs: ${sign}${Math.abs(change).toFixed(3)} ± ${error.toFixed(3)}`;
  return check("trend", change >= -trendSigma * error, "WARN", text);
};

const noiseLevel: Judge = (records, { noiseLevel: limit }) => {
  const worst = everyBox(records).reduce((a, b) => (b.box.noise.levelError > a.box.noise.levelError ? b : a));
  const error = worst.box.noise.levelError;
  const text = `shape noise in C_l within ${percent(error)} (${worst.box.box}, ${zsText(worst.zs)}); limit ${percent(limit)}`;
  return check("noise-level", error <= limit, "WARN", text);
};

const noiseCopies: Judge = (records) => {
  const sets = everyBox(records).filter(({ box, patches }) => box.noise.distinct >= 0 && box.noise.distinct < patches);
  const [first] = sets;
  if (first === undefined) return check("noise-copies", true, "WARN", "every patch has its own shape noise");
  const worst = sets.reduce(
    (a, b) => (b.box.noise.distinct / b.patches < a.box.noise.distinct / a.patches ? b : a),
    first,
  );
  const { box, zs, patches } = worst;
  const text = `patches share noise maps: ${box.noise.distinct} distinct for ${patches} patches (${box.box}, ${zsText(zs)})`;
  return check("noise-copies", false, "WARN", text);
};

/** `records` by ascending redshift, at least one. */
export function judge(records: readonly RatioRecord[], limits: Thresholds): readonly Check[] {
  const judges = [seeds, remaining, mean, variance, ordering, trend, systematic, noiseLevel, noiseCopies];
  return judges.map((one) => one(records, limits));
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}
