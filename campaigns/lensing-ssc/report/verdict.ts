// The verdict as plain text for a terminal, at most 100 columns wide: tables, what was set aside and why, the checks.
import { headlineOf, type RatioRecord, type StatisticRecord } from "../files/ratio-record.ts";
import type { Exclusion } from "../statistics/exclusion.ts";

import { boxesOf, keptElsewhere, zsText } from "./across.ts";
import type { Check } from "./checks.ts";

const WIDTH = 100;

function measured(value: number | null | undefined, error: number | null | undefined, digits: number): string {
  if (value == null || error == null) return "masked";
  return `${value.toFixed(digits)} ± ${error.toFixed(digits)}`;
}

/** Breaks at blanks; lines after the first are indented by `indent` blanks. */
function wrap(text: string, indent: number): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1] ?? "";
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length + indent > WIDTH && line !== "") lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** Bins of the headline statistic of one redshift: the result, its replication-minimised twin, and what keeping gives. */
function headlineTable(record: RatioRecord): string {
  const { label, ratios } = headlineOf(record);
  const [above, below] = boxesOf(record);
  const { all, clean, rmp } = record.rows;
  const sets = `${above.seeds.length} ${above.box} and ${below.seeds.length} ${below.box} seeds`;
  const columns = (cells: readonly string[]) =>
    cells.map((cell, i) => cell.padStart([8, 17, 20, 17, 18][i] ?? 0)).join("");
  const kept = record.excluded.length > 0 ? "if it were kept" : "";
  const rows = record.ell.map((l, bin) =>
    columns([
      Math.round(l).toString(),
      measured(ratios.clean.variance[bin], ratios.clean.varianceError[bin], 3),
      measured(ratios.clean.mean[bin], ratios.clean.meanError[bin], 4),
      measured(ratios.rmp.variance[bin], ratios.rmp.varianceError[bin], 3),
      kept === "" ? "" : (ratios.all.variance[bin]?.toFixed(3) ?? "masked"),
    ]).trimEnd(),
  );
  const overall = columns([
    "all l",
    measured(ratios.clean.overall?.variance, ratios.clean.overall?.error, 3),
    "",
    measured(ratios.rmp.overall?.variance, ratios.rmp.overall?.error, 3),
    kept === "" ? "" : (ratios.all.overall?.variance.toFixed(3) ?? "masked"),
  ]).trimEnd();
  return [
    `${zsText(record.zs)}   ${label}   ${sets}, ${clean} of ${all} patches (RMP ${rmp})`,
    columns(["l", "variance ratio", "mean ratio", "variance, RMP", kept]).trimEnd(),
    ...rows,
    overall,
  ].join("\n");
}

/** The smallest ngal and smoothing of every kind: the bin-averaged variance ratio, one column a redshift. */
function overallTable(records: readonly RatioRecord[]): string {
  const [first] = records;
  if (first === undefined) return "";
  const { ngal } = headlineOf(first);
  const smoothing = Math.min(...first.statistics.flatMap((one) => one.smoothing ?? []));
  const shown = first.statistics.filter((one) => one.ngal === ngal && (one.smoothing ?? smoothing) === smoothing);
  const cell = (record: RatioRecord, { path }: StatisticRecord) => {
    const overall = record.statistics.find((one) => one.path === path)?.ratios.clean.overall;
    return measured(overall?.variance, overall?.error, 3).padStart(16);
  };
  return [
    "Variance ratio averaged over bins (weights 1 / error²), every statistic without noise",
    `  ${"".padEnd(34)}${records.map((record) => zsText(record.zs).padStart(16)).join("")}`,
    ...shown.map((one) => `  ${one.label.padEnd(34)}${records.map((record) => cell(record, one)).join("")}`),
  ].join("\n");
}

function sky({ direction }: Exclusion): string {
  const { longitudeDeg, latitudeDeg, axis, axisSeparationDeg } = direction;
  const where = `longitude ${longitudeDeg.toFixed(1)}°, latitude ${latitudeDeg.toFixed(1)}°`;
  return `${where}; ${axisSeparationDeg.toFixed(1)}° from the ${axis} axis of the box`;
}

function exclusionText(record: RatioRecord, exclusion: Exclusion): string {
  const { box, row, evidence } = exclusion;
  const [worst] = evidence;
  if (worst === undefined) return "";
  const seeds = boxesOf(record).find((one) => one.box === box)?.seeds.length ?? 0;
  const { ratios } = headlineOf(record);
  const harm = ratios.clean.variance
    .map((value, bin) => ({ bin, clean: value, all: ratios.all.variance[bin] ?? null }))
    .flatMap(({ bin, clean, all }) => (clean === null || all === null ? [] : [{ bin, clean, all }]))
    .reduce((a, b) => (Math.abs(Math.log(b.all / b.clean)) > Math.abs(Math.log(a.all / a.clean)) ? b : a));
  const { sigma, seedFraction } = record.rule;
  const found = `${evidence.length} statistics show it, beyond ${sigma} robust sigma in more than ${100 * seedFraction} % of the seeds`;
  const strongest = `${worst.label}, ${worst.at}: ${worst.smallest.toFixed(0)} to ${worst.worst.toFixed(0)} sigma, ${worst.seeds} of ${seeds} seeds`;
  const cost = `variance ratio of C_l at l ${Math.round(record.ell[harm.bin]!)}: ${harm.all.toFixed(3)} instead of ${harm.clean.toFixed(3)}`;
  return [
    `  ${zsText(record.zs)}  row ${row} of ${box}`,
    `    where     ${wrap(sky(exclusion), 14)}`,
    `    why       ${wrap(found, 14)}`,
    `    strongest ${wrap(strongest, 14)}`,
    `    if kept   ${wrap(cost, 14)}`,
  ].join("\n");
}

function exclusions(records: readonly RatioRecord[]): string {
  const texts = records.flatMap((record) => record.excluded.map((exclusion) => exclusionText(record, exclusion)));
  if (texts.length === 0) return "Set aside: nothing. No patch is an outlier in most seeds.";
  const elsewhere = keptElsewhere(records).map(
    ({ row, box, zs, score }) =>
      `  ${zsText(zs)}  row ${row} of ${box} stays in: it exceeds only ${score.toFixed(1)} robust sigma in most seeds`,
  );
  return [
    "Set aside, found from the data (same patch in most seeds; left out of both boxes)",
    ...texts,
    ...elsewhere,
  ].join("\n");
}

export function verdict(records: readonly RatioRecord[], checks: readonly Check[]): string {
  const [first] = records;
  const boxes =
    first === undefined
      ? ""
      : boxesOf(first)
          .map(({ box }) => box)
          .join(" / ");
  const count = (level: Check["level"]) => checks.filter((one) => one.level === level).length;
  const outcome = count("FAIL") > 0 ? "FAIL" : count("WARN") > 0 ? "PASS with warnings" : "PASS";
  const masked = records.map((record) => `${record.degenerateBins} at ${zsText(record.zs)}`).join(", ");
  return [
    `Super-sample covariance of weak lensing: ${boxes}`,
    `${outcome}: ${count("PASS")} passed, ${count("WARN")} warnings, ${count("FAIL")} failed`,
    ...records.map(headlineTable),
    overallTable(records),
    exclusions(records),
    ["Checks", ...checks.map(({ level, text }) => `  ${level}  ${wrap(text, 8)}`)].join("\n"),
    wrap(
      "Errors: bootstrap over seeds. RMP: replication-minimised patches, away from the axes and planes of the box. " +
        `Degenerate bins are masked, not divided: ${masked} over all statistics.`,
      0,
    ) + "\n",
  ].join("\n\n");
}
