// The linear field: its spectrum, its displacement, its phases across redshifts; the mesh and the estimator that read it back.
import { describe, expect, test } from "vitest";
import { complexCube, fft3d, waveIndex } from "../../../campaigns/roman-grs/physics/fft3d.ts";
import { linearField, whiteNoise, type LinearField } from "../../../campaigns/roman-grs/physics/linear-field.ts";
import { paint } from "../../../campaigns/roman-grs/physics/mesh.ts";
import { modeShells } from "../../../campaigns/roman-grs/physics/modes.ts";
import { measureSpectrum } from "../../../campaigns/roman-grs/physics/power-spectrum.ts";
import { randomStream } from "../../../campaigns/roman-grs/physics/random.ts";
import { universeAt } from "../../../campaigns/roman-grs/physics/universe.ts";

const universe = universeAt(1.1, 12.4);
const boxSize = 500;

const fieldOf = (seed: number, n = 32, growth = universe.growth): LinearField =>
  linearField(whiteNoise(n, seed), boxSize, universe.power, growth);

const part = (data: Float64Array, offset: 0 | 1): Float64Array => data.filter((_, i) => i % 2 === offset);

function transformed(values: Float64Array, n: number): Float64Array {
  const cube = complexCube(n);
  values.forEach((value, i) => (cube.data[2 * i] = value));
  fft3d(cube, "forward");
  return cube.data;
}

describe("linear field", () => {
  test("the divergence of the displacement is minus the density, mode by mode", () => {
    const n = 16;
    const field = fieldOf(3, n);
    const density = transformed(part(field.densityAndX, 0), n);
    const psi = [part(field.densityAndX, 1), part(field.yAndZ, 0), part(field.yAndZ, 1)].map((p) => transformed(p, n));
    const sinc = (m: number): number => (m === 0 ? 1 : Math.sin((Math.PI * m) / n) / ((Math.PI * m) / n));
    for (const [x, y, z] of [
      [1, 0, 0],
      [1, 2, 3],
      [15, 1, 14],
      [0, 5, 2],
    ] as const) {
      const m = [x, y, z].map((i) => waveIndex(i, n));
      const at = 2 * ((x * n + y) * n + z);
      const k = m.map((i) => (2 * Math.PI * i) / boxSize);
      const k2 = k.reduce((sum, component) => sum + component ** 2, 0);
      const window = m.reduce((product, i) => product * sinc(i), 1);
      // i k . psi sinc^2 = -delta; delta_R carries exp(-k^2 R^2 / 2) / sinc
      const linear = 1 / (Math.exp((-k2 * 16) / 2) / window);
      const re = -k.reduce((sum, component, axis) => sum + component * psi[axis]![at + 1]!, 0) * window ** 2;
      const im = k.reduce((sum, component, axis) => sum + component * psi[axis]![at]!, 0) * window ** 2;
      expect(re).toBeCloseTo(-density[at]! * linear, 8);
      expect(im).toBeCloseTo(-density[at + 1]! * linear, 8);
    }
  });

  test("its variance is the expected one within the scatter of few boxes", () => {
    const boxes = [1, 2, 3, 4, 5, 6].map((seed) => {
      const field = fieldOf(seed);
      return part(field.densityAndX, 0).reduce((sum, value) => sum + value ** 2, 0) / 32 ** 3 / field.variance;
    });
    const mean = boxes.reduce((sum, value) => sum + value, 0) / boxes.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.05);
  });

  test("another redshift shows the same phases: the density only grows", () => {
    const [late, early] = [fieldOf(9, 16, 0.6), fieldOf(9, 16, 0.3)];
    const worst = late.densityAndX.reduce(
      (max, value, i) => Math.max(max, Math.abs(value - 2 * early.densityAndX[i]!)),
      0,
    );
    expect(worst).toBeLessThan(1e-12);
  });

  test("another seed shows other phases", () => {
    const [a, b] = [1, 2].map((seed) => part(fieldOf(seed).densityAndX, 0)) as [Float64Array, Float64Array];
    const dot = (x: Float64Array, y: Float64Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    expect(Math.abs(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))).toBeLessThan(0.15);
  });
});

describe("mesh and estimator", () => {
  const stream = randomStream(11);
  const position = Float32Array.from({ length: 3 * 3000 }, () => Math.min(stream.uniform() * boxSize, 499.99));

  test("cloud-in-cell conserves mass and centre of mass, also across the box side", () => {
    const mesh = complexCube(16);
    paint(mesh, 0, boxSize, position);
    paint(mesh, 1, boxSize, Float32Array.of(499, 0, 250, 1, 499.9, 250.5));
    expect(part(mesh.data, 0).reduce((sum, value) => sum + value, 0)).toBeCloseTo(3000, 8);
    const second = part(mesh.data, 1);
    expect(second.reduce((sum, value) => sum + value, 0)).toBeCloseTo(2, 12);
    const z = second.reduce((sum, value, i) => sum + value * (i % 16), 0) / 2;
    expect(z * (boxSize / 16)).toBeCloseTo(250.25, 8);
  });

  test("low modes equal the direct sum over particles", () => {
    const shells = modeShells(3);
    const velocity = position.map((_, i) => (i % 3 === 2 ? 800 * Math.sin(i) : 0));
    const shift = 0.01;
    const measured = measureSpectrum({ position, velocity, boxSize, shift }, 64, shells);
    const direct = [new Float64Array(3), new Float64Array(3)];
    shells.shell.forEach((shell, m) => {
      [0, shift].forEach((factor, space) => {
        let [re, im] = [0, 0];
        for (let i = 0; i < position.length; i += 3) {
          const z = position[i + 2]! + factor * velocity[i + 2]!;
          const [a, b, c] = [shells.index[3 * m]!, shells.index[3 * m + 1]!, shells.index[3 * m + 2]!];
          const angle = (2 * Math.PI * (a * position[i]! + b * position[i + 1]! + c * z)) / boxSize;
          re += Math.cos(angle);
          im += Math.sin(angle);
        }
        direct[space]![shell]! += (boxSize ** 3 * ((re ** 2 + im ** 2) / 3000 - 1)) / 3000 / shells.count[shell]!;
      });
    });
    const noise = boxSize ** 3 / 3000;
    for (let b = 0; b < 3; b++) {
      expect(Math.abs(measured.p0Real[b]! - direct[0]![b]!) / noise).toBeLessThan(2e-3);
      expect(Math.abs(measured.p0[b]! - direct[1]![b]!) / noise).toBeLessThan(2e-3);
    }
    expect(measured.shotNoise).toBeCloseTo(noise, 6);
  });

  test("unclustered particles have no power once shot noise is taken off", () => {
    const shells = modeShells(6);
    const { p0Real, p2 } = measureSpectrum({ position, velocity: position, boxSize, shift: 0 }, 32, shells);
    const noise = boxSize ** 3 / 3000;
    p0Real.forEach((power, b) => expect((Math.abs(power) / noise) * Math.sqrt(shells.count[b]! / 2)).toBeLessThan(4));
    p2.forEach((power, b) => expect((Math.abs(power) / noise) * Math.sqrt(shells.count[b]! / 10)).toBeLessThan(4));
  });

  test("shells beyond half the Nyquist frequency are refused", () => {
    expect(() => measureSpectrum({ position, velocity: position, boxSize, shift: 0 }, 16, modeShells(4))).toThrow(
      "4 shells on a mesh of 16 cells a side: at most 3",
    );
  });
});
