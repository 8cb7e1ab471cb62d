// Draws the halos of one box: a Poisson process in the linear density, moved by the Zel'dovich displacement.
import { massQuantile, type HaloPopulation } from "./halo-population.ts";
import type { LinearField } from "./linear-field.ts";
import type { RandomStream } from "./random.ts";

export interface HaloCatalog {
  /** log10 of Msun/h, shape (N). */
  readonly logMass: Float32Array;
  /** Comoving Mpc/h in [0, box), shape (N, 3). */
  readonly position: Float32Array;
  /** Peculiar velocity, km/s, shape (N, 3). */
  readonly velocity: Float32Array;
  /** Halos in each mass bin, shape (12). */
  readonly countInBin: readonly number[];
}

/**
 * Halos of each bin with rate n exp(b_L delta_R - b_L^2 sigma^2 / 2), whose mean is exactly n.
 *
 * The process is walked along its cumulative rate with exponential gaps: one logarithm a halo, none an empty cell.
 *
 * @param velocityFactor peculiar velocity per displacement, a H f in km/s per Mpc/h
 */
export function drawHalos(
  field: LinearField,
  population: HaloPopulation,
  velocityFactor: number,
  stream: RandomStream,
): HaloCatalog {
  const cells = drawCells(field, population, stream);
  const count = cells.reduce((sum, inBin) => sum + inBin.length, 0);
  const logMass = new Float32Array(count);
  const position = new Float32Array(3 * count);
  const velocity = new Float32Array(3 * count);
  const cellSize = field.boxSize / field.n;
  const shift = new Float64Array(3);
  let row = 0;
  population.bins.forEach((bin, b) => {
    for (const cell of cells[b]!) {
      logMass[row] = massQuantile(bin, stream.uniform());
      // Grid units; the grid point is the centre of its cell.
      const x = Math.floor(cell / field.n ** 2) + stream.uniform() - 0.5;
      const y = (Math.floor(cell / field.n) % field.n) + stream.uniform() - 0.5;
      const z = (cell % field.n) + stream.uniform() - 0.5;
      displacementAt(field, x, y, z, shift);
      position[3 * row] = wrap(x * cellSize + shift[0]!, field.boxSize);
      position[3 * row + 1] = wrap(y * cellSize + shift[1]!, field.boxSize);
      position[3 * row + 2] = wrap(z * cellSize + shift[2]!, field.boxSize);
      for (let axis = 0; axis < 3; axis++) velocity[3 * row + axis] = velocityFactor * shift[axis]!;
      row++;
    }
  });
  return { logMass, position, velocity, countInBin: cells.map((inBin) => inBin.length) };
}

/** A coordinate folded into [0, box) as float32 will store it: rounding must not land on the box side itself. */
export function wrap(coordinate: number, boxSize: number): number {
  const folded = Math.fround(coordinate - boxSize * Math.floor(coordinate / boxSize));
  return folded >= boxSize ? 0 : folded;
}

/** For every mass bin, the cell index of each halo, ascending. */
function drawCells(field: LinearField, population: HaloPopulation, stream: RandomStream): number[][] {
  const { densityAndX, n } = field;
  const count = n ** 3;
  const cellVolume = (field.boxSize / n) ** 3;
  return population.bins.map(({ density, lagrangianBias }) => {
    const scale = density * cellVolume * Math.exp((-lagrangianBias * lagrangianBias * field.variance) / 2);
    const cells: number[] = [];
    let reached = 0;
    let next = stream.exponential();
    for (let cell = 0; cell < count; cell++) {
      reached += scale * Math.exp(lagrangianBias * densityAndX[2 * cell]!);
      for (; reached > next; next += stream.exponential()) cells.push(cell);
    }
    return cells;
  });
}

/** Trilinear interpolation of the displacement at a point in grid units; writes Mpc/h into `out`. */
function displacementAt(field: LinearField, x: number, y: number, z: number, out: Float64Array): void {
  const { n, densityAndX, yAndZ } = field;
  const mask = n - 1; // n is a power of two
  const fx = Math.floor(x);
  const fy = Math.floor(y);
  const fz = Math.floor(z);
  let sx = 0;
  let sy = 0;
  let sz = 0;
  for (let corner = 0; corner < 8; corner++) {
    const i = corner >> 2;
    const j = (corner >> 1) & 1;
    const k = corner & 1;
    const weight = (i ? x - fx : fx + 1 - x) * (j ? y - fy : fy + 1 - y) * (k ? z - fz : fz + 1 - z);
    const at = 2 * ((((fx + i) & mask) * n + ((fy + j) & mask)) * n + ((fz + k) & mask));
    sx += weight * densityAndX[at + 1]!;
    sy += weight * yAndZ[at]!;
    sz += weight * yAndZ[at + 1]!;
  }
  out[0] = sx;
  out[1] = sy;
  out[2] = sz;
}
