// Power spectrum multipoles of a galaxy sample in a periodic box, real and redshift space at once. Not a theory: model-spectrum.ts.
import { complexCube, fft3d } from "./fft3d.ts";
import { paint } from "./mesh.ts";
import type { ModeShells } from "./modes.ts";

export interface GalaxySample {
  /** Comoving Mpc/h in [0, box), shape (N, 3). */
  readonly position: Float32Array;
  /** km/s, shape (N, 3). */
  readonly velocity: Float32Array;
  /** Side of the box, Mpc/h. */
  readonly boxSize: number;
  /** Redshift-space displacement along z per velocity, Mpc/h per km/s. */
  readonly shift: number;
}

/** Shot noise is subtracted; all powers in (Mpc/h)^3, shape (shells). */
export interface MeasuredSpectrum {
  readonly p0Real: Float64Array;
  readonly p0: Float64Array;
  readonly p2: Float64Array;
  /** V / N of the mass that reached the mesh, (Mpc/h)^3. */
  readonly shotNoise: number;
  /** Real-space modes of the inner shells, (re, im) in units of the shell's rms, one of each k, -k pair: the field's fingerprint. */
  readonly modes: Float32Array;
}

/** Shells whose complex modes are kept. */
export const fingerprintShells = 4;

/**
 * Estimates P0 and P2 along z (Yamamoto et al. 2006 in the plane-parallel limit): window divided out, Poisson noise
 * of the cloud-in-cell mesh subtracted mode by mode (Jing 2005, equations 18-20).
 *
 * @param meshSize cells a side, a power of two
 */
export function measureSpectrum(sample: GalaxySample, meshSize: number, shells: ModeShells): MeasuredSpectrum {
  if (shells.shells + 0.5 > meshSize / 4) {
    throw new Error(
      `${shells.shells} shells on a mesh of ${meshSize} cells a side: at most ${Math.floor(meshSize / 4 - 0.5)}`,
    );
  }
  const mesh = complexCube(meshSize);
  paint(mesh, 0, sample.boxSize, sample.position);
  paint(mesh, 1, sample.boxSize, sample.position, sample.velocity, sample.shift);
  fft3d(mesh, "forward");
  const { data } = mesh;
  const galaxies = data[0]!;
  const volume = sample.boxSize ** 3;
  const shotNoise = volume / galaxies;
  const sums = [0, 1, 2].map(() => new Float64Array(shells.shells)) as [Float64Array, Float64Array, Float64Array];
  const modes: { shell: number; re: number; im: number }[] = [];

  for (let m = 0; m < shells.shell.length; m++) {
    const [x, y, z] = [shells.index[3 * m]!, shells.index[3 * m + 1]!, shells.index[3 * m + 2]!];
    const shell = shells.shell[m]!;
    const k = address(x, y, z, meshSize);
    const minus = address(-x, -y, -z, meshSize);
    // The mesh holds A + i B of two real fields: A_k = (F_k + F*_-k) / 2, B_k = (F_k - F*_-k) / 2i.
    const aRe = (data[k]! + data[minus]!) / 2;
    const aIm = (data[k + 1]! - data[minus + 1]!) / 2;
    const bRe = (data[k + 1]! + data[minus + 1]!) / 2;
    const bIm = (data[minus]! - data[k]!) / 2;
    const window = cicWindow(x / meshSize) * cicWindow(y / meshSize) * cicWindow(z / meshSize);
    const aliased = cicShotNoise(x / meshSize) * cicShotNoise(y / meshSize) * cicShotNoise(z / meshSize);
    const power = (re: number, im: number): number =>
      (shotNoise * ((re * re + im * im) / galaxies - aliased)) / window ** 2;
    const redshiftSpace = power(bRe, bIm);
    sums[0][shell]! += power(aRe, aIm);
    sums[1][shell]! += redshiftSpace;
    sums[2][shell]! += 5 * legendre2((z * z) / (x * x + y * y + z * z)) * redshiftSpace;
    if (shell < fingerprintShells && (z > 0 || (z === 0 && (y > 0 || (y === 0 && x > 0))))) {
      modes.push({ shell, re: aRe / window, im: aIm / window });
    }
  }
  const mean = (sum: Float64Array): Float64Array => sum.map((value, b) => value / shells.count[b]!);
  const p0Real = mean(sums[0]);
  const rms = p0Real.map((value) => Math.sqrt((value / shotNoise + 1) * galaxies));
  return {
    p0Real,
    p0: mean(sums[1]),
    p2: mean(sums[2]),
    shotNoise,
    modes: Float32Array.from(modes.flatMap(({ shell, re, im }) => [re / rms[shell]!, im / rms[shell]!])),
  };
}

/** L2(mu) as a function of mu squared. */
export function legendre2(mu2: number): number {
  return 1.5 * mu2 - 0.5;
}

function address(x: number, y: number, z: number, n: number): number {
  const mask = n - 1;
  return 2 * (((x & mask) * n + (y & mask)) * n + (z & mask));
}

/** Cloud-in-cell window along one axis, sinc^2; `cycles` is k / k_sampling. */
function cicWindow(cycles: number): number {
  if (cycles === 0) return 1;
  const x = Math.PI * cycles;
  return (Math.sin(x) / x) ** 2;
}

/** Poisson noise of a cloud-in-cell mesh along one axis, in units of 1/n (Jing 2005, equation 20). */
function cicShotNoise(cycles: number): number {
  return 1 - (2 / 3) * Math.sin(Math.PI * cycles) ** 2;
}
