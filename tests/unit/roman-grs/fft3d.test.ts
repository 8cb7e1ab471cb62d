// The 3D transform against the definition, and the energy it must conserve.
import { expect, test } from "vitest";
import { complexCube, fft3d, waveIndex } from "../../../campaigns/roman-grs/physics/fft3d.ts";
import { randomStream } from "../../../campaigns/roman-grs/physics/random.ts";

function noisyCube(n: number) {
  const cube = complexCube(n);
  const stream = randomStream(5, n);
  cube.data.forEach((_, i) => (cube.data[i] = stream.normal()));
  return cube;
}

test.each([
  [2, "forward", -1],
  [4, "inverse", 1],
  [8, "forward", -1],
  [8, "inverse", 1],
] as const)("side %i, %s: equals the direct sum", (n, direction, sign) => {
  const cube = noisyCube(n);
  const before = cube.data.slice();
  fft3d(cube, direction);
  let worst = 0;
  for (let k = 0; k < n ** 3; k++) {
    const [kx, ky, kz] = [Math.floor(k / n ** 2), Math.floor(k / n) % n, k % n];
    let [re, im] = [0, 0];
    for (let r = 0; r < n ** 3; r++) {
      const [x, y, z] = [Math.floor(r / n ** 2), Math.floor(r / n) % n, r % n];
      const angle = (sign * 2 * Math.PI * ((kx * x + ky * y + kz * z) % n)) / n;
      re += before[2 * r]! * Math.cos(angle) - before[2 * r + 1]! * Math.sin(angle);
      im += before[2 * r]! * Math.sin(angle) + before[2 * r + 1]! * Math.cos(angle);
    }
    worst = Math.max(worst, Math.abs(re - cube.data[2 * k]!), Math.abs(im - cube.data[2 * k + 1]!));
  }
  expect(worst).toBeLessThan(1e-12);
});

test.each([16, 32])("side %i: Parseval, and a round trip multiplies by n^3", (n) => {
  const cube = noisyCube(n);
  const before = cube.data.slice();
  const energy = (data: Float64Array): number => data.reduce((sum, value) => sum + value * value, 0);
  fft3d(cube, "forward");
  expect(energy(cube.data) / energy(before) / n ** 3).toBeCloseTo(1, 12);
  fft3d(cube, "inverse");
  const worst = cube.data.reduce((max, value, i) => Math.max(max, Math.abs(value / n ** 3 - before[i]!)), 0);
  expect(worst).toBeLessThan(1e-13);
});

test("a side that is no power of two is refused", () => {
  expect(() => complexCube(48)).toThrow("FFT grid of 48 cells a side: the side must be a power of two, at least 2");
  expect(() => complexCube(1)).toThrow("power of two");
});

test("wave indices run to the Nyquist frequency and back", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((i) => waveIndex(i, 8))).toEqual([0, 1, 2, 3, 4, -3, -2, -1]);
});
