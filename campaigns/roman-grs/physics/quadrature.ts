// Numerical integrals on fixed nodes: fast, and the same bits on every run. Not adaptive.

/** Composite Simpson rule over `intervals` (even) equal steps. */
export function simpson(f: (x: number) => number, from: number, to: number, intervals: number): number {
  const step = (to - from) / intervals;
  let sum = f(from) + f(to);
  for (let i = 1; i < intervals; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * step);
  return (sum * step) / 3;
}
