// The verdict as plain text for a terminal: one headline, one table and one list of checks a redshift. Eighty-odd columns.
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { worst, type Judgement, type Level } from "./judge.ts";

const columns = ["k h/Mpc", "modes", "P0", "+-", "P0/theory", "pull", "P2", "Var/Gauss", "+-"] as const;
const widths = [8, 7, 9, 6, 11, 7, 9, 11, 7];

/** `records` and `judgements` by ascending redshift. */
export function verdict(records: readonly EnsembleRecord[], judgements: readonly Judgement[]): string {
  const count = (level: Level): number => judgements.filter((judgement) => judgement.level === level).length;
  const [first] = records;
  const lines = [
    `Covariance mocks: ${worst(judgements)}`,
    `${count("PASS")} checks passed, ${count("WARN")} warned, ${count("FAIL")} failed`,
  ];
  if (first) {
    const redshifts = records.length === 1 ? "1 redshift" : `${records.length} redshifts`;
    lines.push(
      `${redshifts}; boxes of ${first.boxSize} Mpc/h on ${first.gridSize}^3 cells; halos above 10^${first.logMassMin} Msun/h`,
      "P in (Mpc/h)^3, redshift space along z, shot noise subtracted; +- is the error of the ensemble mean;",
      "theory is the Zel'dovich expectation; Var/Gauss is Var(P0) in real space over 2 (P + 1/n)^2 / N_modes",
    );
  }
  for (const record of records) {
    lines.push(
      "",
      ...redshiftLines(
        record,
        judgements.filter(({ redshift }) => redshift === record.redshift),
      ),
    );
  }
  return `${lines.join("\n")}\n`;
}

function redshiftLines(record: EnsembleRecord, judgements: readonly Judgement[]): string[] {
  const n = record.realizations.length;
  const { checks } = record;
  const mean = record.nGalaxies.reduce((sum, count) => sum + count, 0) / n;
  const check = (name: string): number => checks[name] ?? NaN;
  const hartlap =
    checks.inverseAvailable === 1
      ? `Hartlap factor ${fixed(check("hartlapFactor"), 3)} for ${check("nBins")} bins`
      : `no inverse covariance: ${n} realisations for ${check("nBins")} bins`;
  return [
    `z = ${record.redshift.toFixed(3)}   ${n} realisations   ${worst(judgements)}`,
    `  galaxies a box  ${thousands(mean)}, expected ${thousands(record.expectedGalaxies.mean)} (${signed(100 * check("meanDensityDeviation"), 2)} %)`,
    `  large scales    P0/theory ${signed(100 * check("meanSpectrumDeviation"), 1)} +- ${fixed(100 * check("meanSpectrumError"), 1)} %   ` +
      `P0s/P0r against Kaiser ${signed(100 * check("kaiserDeviation"), 1)} +- ${fixed(100 * check("kaiserError"), 1)} %`,
    `  variance ratio  ${fixed(check("varianceRatioMean"), 3)} +- ${fixed(check("varianceRatioMeanError"), 3)}   ` +
      `chi2 ${fixed(check("varianceRatioChi2"), 1)}, p = ${fixed(check("varianceRatioPValue"), 3)}`,
    `  inverse         ${hartlap}; condition number ${fixed(check("conditionNumber"), 1)}`,
    "",
    row(columns),
    ...record.shellStatistics.map(({ k, modes, p0, p2, p0Real }) => {
      const error = p0.sigma / Math.sqrt(n);
      return row([
        fixed(k, 4),
        String(modes),
        fixed(p0.mean, 0),
        fixed(error, 0),
        fixed(p0.mean / p0.theory, 3),
        signed((p0.mean - p0.theory) / error, 1),
        fixed(p2.mean, 0),
        fixed(p0Real.varianceRatio, 3),
        fixed(p0Real.varianceRatioError, 3),
      ]);
    }),
    "",
    ...judgements.map(
      ({ level, gate, value, limit, description }) =>
        `  ${level}  ${gate.padEnd(22)} ${compact(value).padStart(10)}  ${limit.padEnd(14)} ${description}`,
    ),
  ];
}

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => cell.padStart(widths[i]!)).join(" ");
}

function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : "-";
}

function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return value >= 0 ? `+${text}` : text;
}

function thousands(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** At most four significant digits, without trailing zeros. */
function compact(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "missing";
}
