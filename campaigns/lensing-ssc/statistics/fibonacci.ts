// Where the patches lie on the sky: the Fibonacci lattice and the cuts made on it. Geometry only; no statistic enters.

/** Colatitude and longitude in radians, in the frame of the simulation box (its faces look along x, y and z). */
export interface Position {
  readonly theta: number;
  readonly phi: number;
}

const DEGREE = Math.PI / 180;
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/** Fibonacci lattice of an odd number of points, from the north pole to the south pole (Gonzalez 2010, arXiv:0912.4540). */
export function fibonacciGrid(points: number): readonly Position[] {
  if (!Number.isInteger(points) || points < 3 || points % 2 === 0) {
    throw new Error(`a Fibonacci lattice has an odd number of points, at least 3; not ${points}`);
  }
  const half = (points - 1) / 2;
  return Array.from({ length: points }, (_, index) => {
    const i = index - half;
    const turns = i / GOLDEN_RATIO;
    return { theta: Math.asin((2 * i) / points) + Math.PI / 2, phi: 2 * Math.PI * (turns - Math.floor(turns)) };
  });
}

/** Half diagonal of a square patch of this opening angle, in radians. */
function halfDiagonal(openingDeg: number): number {
  return openingDeg * DEGREE * Math.SQRT2;
}

function farFromPoles({ theta }: Position, radius: number): boolean {
  return theta > radius && theta < Math.PI - radius;
}

/** Centres of the patches that were cut from the sky, in row order: the lattice without those that touch a pole. */
export function patchPositions(gridPoints: number, openingDeg: number): readonly Position[] {
  const radius = halfDiagonal(openingDeg);
  return fibonacciGrid(gridPoints).filter((position) => farFromPoles(position, radius));
}

/**
 * Rows of the replication-minimised patches (RMP): away from poles, equator and the planes phi = 0, 90, 180, 270 deg,
 * along which a tiled box repeats. The published selection (notebook visualization_rip, 186 rows) takes row k to be
 * point k of a lattice with as many points as there are rows, although the patches were cut on a larger lattice
 * (`patchPositions`); it is reproduced as published.
 */
export function replicationMinimisedRows(gridPoints: number, openingDeg: number): readonly number[] {
  const radius = halfDiagonal(openingDeg);
  const planes = [0, 1, 2, 3, 4].map((quarter) => (quarter * Math.PI) / 2);
  return fibonacciGrid(gridPoints).flatMap((position, row) => {
    const offEquator = Math.abs(position.theta - Math.PI / 2) > radius / 2;
    const offPlanes = planes.every((plane) => Math.abs(position.phi - plane) > radius / 2);
    return farFromPoles(position, radius) && offEquator && offPlanes ? [row] : [];
  });
}

export interface Direction {
  readonly longitudeDeg: number;
  readonly latitudeDeg: number;
  /** Nearest axis of the box, e.g. "+x", and how far the line of sight is from it. Along an axis a box repeats soonest. */
  readonly axis: string;
  readonly axisSeparationDeg: number;
}

export function directionOf({ theta, phi }: Position): Direction {
  const components = [
    ["x", Math.sin(theta) * Math.cos(phi)],
    ["y", Math.sin(theta) * Math.sin(phi)],
    ["z", Math.cos(theta)],
  ] as const;
  const [name, component] = components.reduce((a, b) => (Math.abs(b[1]) > Math.abs(a[1]) ? b : a));
  return {
    longitudeDeg: phi / DEGREE,
    latitudeDeg: 90 - theta / DEGREE,
    axis: (component < 0 ? "-" : "+") + name,
    axisSeparationDeg: Math.acos(Math.min(1, Math.abs(component))) / DEGREE,
  };
}
