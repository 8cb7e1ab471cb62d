// Cumulative counts over star formation rate, and the threshold that selects a given density. No files.

const gridSize = 600;
const logMin = -4;
const logMax = 3;
const step = (logMax - logMin) / (gridSize - 1);

/** 600 rates from 1e-4 to 1e3 Msun/yr, log10, ascending. */
export const sfrGrid = Float64Array.from({ length: gridSize }, (_, i) => logMin + i * step);

/** How many values exceed each grid rate, shape (600). NaN counts nowhere. */
export function cumulativeCounts(logSfr: Float64Array): Float64Array {
  const counts = new Float64Array(gridSize);
  for (const value of logSfr) {
    const below = Math.ceil((value - logMin) / step) - 1; // last grid rate the value exceeds
    if (below >= 0) counts[Math.min(below, gridSize - 1)]! += 1;
  }
  for (let i = gridSize - 2; i >= 0; i--) counts[i]! += counts[i + 1]!;
  return counts;
}

/**
 * log10 rate above which the density is `target`; linear between grid rates. NaN when the sample is not that dense.
 *
 * @param density n(> grid rate), falling
 */
export function densityThreshold(density: Float64Array, target: number): number {
  const above = density.findIndex((value) => value < target);
  if (above <= 0) return NaN;
  const [high, low] = [density[above - 1]!, density[above]!];
  return sfrGrid[above - 1]! + (step * (high - target)) / (high - low);
}
