// One realisation of the linear universe on a grid: smoothed density and Zel'dovich displacement. Not yet halos.
import { complexCube, fft3d, waveIndex, type ComplexCube } from "./fft3d.ts";
import { smoothingRadius } from "./halo-population.ts";
import type { LinearPower } from "./linear-power.ts";
import { randomStream } from "./random.ts";

/** Names the random stream of the initial phases; other streams of a seed use other labels. */
const phaseStream = 1;

export interface LinearField {
  /** Cells a side. */
  readonly n: number;
  /** Side of the box, Mpc/h. */
  readonly boxSize: number;
  /** Real part: delta_R at the grid points. Imaginary part: displacement along x, Mpc/h. */
  readonly densityAndX: Float64Array;
  /** Real part: displacement along y. Imaginary part: along z. Mpc/h. */
  readonly yAndZ: Float64Array;
  /** Expected variance of delta_R on this grid (an ensemble property, not this realisation's). */
  readonly variance: number;
}

/** Unit white noise in Fourier space. Depends on `seed` and `n` only: every redshift of a realisation shares its phases. */
export function whiteNoise(n: number, seed: number): ComplexCube {
  const cube = complexCube(n);
  const stream = randomStream(seed, phaseStream);
  for (let i = 0; i < cube.data.length; i += 2) cube.data[i] = stream.normal();
  fft3d(cube, "forward");
  return cube;
}

/**
 * Turns white noise into delta_R and psi = i k / k^2 delta (Zel'dovich 1970), reusing the memory of `noise`.
 * Two real fields travel in one complex transform. Modes beyond the Nyquist sphere are dropped. What the sampling of
 * halos takes away, cells of constant rate (sinc) and trilinear displacements (sinc^2), is divided out here.
 *
 * @param growth linear growth factor D(z)
 */
export function linearField(noise: ComplexCube, boxSize: number, power: LinearPower, growth: number): LinearField {
  const { n } = noise;
  const volume = boxSize ** 3;
  const fundamental = (2 * Math.PI) / boxSize;
  const nyquist2 = (n / 2) ** 2;
  const table = Array.from({ length: nyquist2 }, (_, m2) => {
    const k2 = m2 * fundamental ** 2;
    const modePower = (power.at(Math.sqrt(k2)) * growth ** 2) / volume;
    return {
      amplitude: Math.sqrt(modePower / n ** 3),
      modePower,
      smoothing: Math.exp((-k2 * smoothingRadius ** 2) / 2),
    };
  });
  const amplitude = Float64Array.from(table, (entry) => entry.amplitude);
  const smoothing = Float64Array.from(table, (entry) => entry.smoothing);
  const modePower = Float64Array.from(table, (entry) => entry.modePower);
  const index = Int32Array.from({ length: n }, (_, i) => waveIndex(i, n));
  const sinc = Float64Array.from(index, (m) => (m === 0 ? 1 : Math.sin((Math.PI * m) / n) / ((Math.PI * m) / n)));

  const first = noise.data;
  const second = new Float64Array(first.length);
  let variance = 0;
  for (let x = 0, at = 0; x < n; x++) {
    for (let y = 0; y < n; y++) {
      for (let z = 0; z < n; z++, at += 2) {
        const [mx, my, mz] = [index[x]!, index[y]!, index[z]!];
        const m2 = mx * mx + my * my + mz * mz;
        if (m2 === 0 || m2 >= nyquist2) {
          first[at] = first[at + 1] = 0;
          continue;
        }
        const cell = 1 / (sinc[x]! * sinc[y]! * sinc[z]!);
        const re = first[at]! * amplitude[m2]!;
        const im = first[at + 1]! * amplitude[m2]!;
        const gradient = (cell * cell) / (m2 * fundamental);
        const density = smoothing[m2]! * cell;
        first[at] = re * (density - mx * gradient); // delta_R + i psi_x
        first[at + 1] = im * (density - mx * gradient);
        second[at] = -gradient * (mz * re + my * im); // psi_y + i psi_z
        second[at + 1] = gradient * (my * re - mz * im);
        variance += modePower[m2]! * density * density;
      }
    }
  }
  fft3d(noise, "inverse");
  fft3d({ n, data: second }, "inverse");
  return { n, boxSize, densityAndX: first, yAndZ: second, variance };
}
