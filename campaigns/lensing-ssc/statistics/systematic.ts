// Finds rows (sky patches) that are outliers in most seeds: a defect of the set, not of a realisation. Looks at data only.
import { robustScale } from "./robust.ts";
import { everyRow, without, type Stack } from "./stack.ts";

export interface SystematicRule {
  /** Robust z = |x - median| / (1.4826 MAD) of the set beyond which a value is an outlier. */
  readonly sigma: number;
  /** A row is systematic when it is an outlier, in the same bin, in more than this share of the seeds. */
  readonly seedFraction: number;
}

export type NamedStack = readonly [statistic: string, stack: Stack];

/** Why a row is called systematic: one statistic, the bin where most seeds agree. */
export interface Evidence {
  readonly statistic: string;
  readonly bin: number;
  /** Seeds in which the row is beyond the threshold in this bin. */
  readonly seeds: number;
  /** Smallest and largest robust z of the row in this bin over the seeds. */
  readonly smallest: number;
  readonly worst: number;
}

export interface SystematicRow {
  readonly row: number;
  /** One entry per statistic, largest `worst` first. */
  readonly evidence: readonly Evidence[];
}

/** What one look at the set found. */
export interface RowScan {
  readonly found: readonly SystematicRow[];
  /** Per row: the robust z that it exceeds in more than `seedFraction` of the seeds, the largest over all bins. */
  readonly scores: Float64Array;
  readonly judgedBins: number;
  /** Bins whose MAD is no scale (see robust.ts) and that were left out. */
  readonly unjudgedBins: number;
}

/** Robust z of `rows` in one bin, [seed][row of the list]; undefined when the bin's scale is not credible. */
function robustZ(stack: Stack, rows: readonly number[], bin: number): Float64Array | undefined {
  const z = new Float64Array(stack.seeds * rows.length);
  let next = 0;
  for (let seed = 0; seed < stack.seeds; seed++) {
    for (const row of rows) z[next++] = stack.values[(seed * stack.rows + row) * stack.bins + bin]!;
  }
  const { median, sigma, credible } = robustScale(z.slice());
  if (!credible) return undefined;
  return z.map((value) => Math.abs(value - median) / sigma);
}

/** One pass over all statistics and bins. `rows`: those still in the set; they alone define median and MAD. */
export function scanRows(stacks: readonly NamedStack[], rule: SystematicRule, rows: readonly number[]): RowScan {
  const scores = new Float64Array(Math.max(...stacks.map(([, stack]) => stack.rows)));
  const evidence = new Map<number, Evidence[]>();
  let judgedBins = 0;
  let unjudgedBins = 0;
  for (const [statistic, stack] of stacks) {
    const needed = Math.floor(rule.seedFraction * stack.seeds) + 1;
    const strongest = new Map<number, Evidence>();
    for (let bin = 0; bin < stack.bins; bin++) {
      const z = robustZ(stack, rows, bin);
      if (z === undefined) {
        unjudgedBins++;
        continue;
      }
      judgedBins++;
      const ofRow = new Float64Array(stack.seeds);
      rows.forEach((row, index) => {
        let beyond = 0;
        let above = 0;
        for (let seed = 0; seed < stack.seeds; seed++) {
          const value = z[seed * rows.length + index]!;
          ofRow[seed] = value;
          if (value > rule.sigma) beyond++;
          if (value > scores[row]!) above++;
        }
        if (above >= needed) scores[row] = ofRow.sort()[stack.seeds - needed]!;
        if (beyond < needed) return;
        const known = strongest.get(row);
        const worst = Math.max(...ofRow);
        if (known === undefined || beyond > known.seeds || (beyond === known.seeds && worst > known.worst)) {
          strongest.set(row, { statistic, bin, seeds: beyond, smallest: Math.min(...ofRow), worst });
        }
      });
    }
    for (const [row, one] of strongest) evidence.set(row, [...(evidence.get(row) ?? []), one]);
  }
  const found = [...evidence]
    .map(([row, list]) => ({ row, evidence: list.sort((a, b) => b.worst - a.worst) }))
    .sort((a, b) => a.row - b.row);
  return { found, scores, judgedBins, unjudgedBins };
}

export interface SystematicSearch {
  /** Every systematic row, ascending. */
  readonly found: readonly SystematicRow[];
  /** The set as it was measured. */
  readonly first: RowScan;
  /** Systematic rows that exclusion could not get rid of: empty unless the set is beyond repair. */
  readonly remaining: readonly SystematicRow[];
}

/** Passes in which an excluded row may uncover another one that it had masked. */
const PASSES = 3;

/** Looks, sets the rows found aside, and looks again until nothing is found. */
export function findSystematicRows(stacks: readonly NamedStack[], rule: SystematicRule): SystematicSearch {
  const all = everyRow(Math.max(...stacks.map(([, stack]) => stack.rows)));
  const first = scanRows(stacks, rule, all);
  let found = [...first.found];
  let latest = first;
  for (let pass = 0; pass < PASSES && latest.found.length > 0; pass++) {
    const kept = without(
      all,
      found.map(({ row }) => row),
    );
    latest = scanRows(stacks, rule, kept);
    if (pass < PASSES - 1) found = [...found, ...latest.found];
  }
  return { found: found.sort((a, b) => a.row - b.row), first, remaining: latest.found };
}
