// Galaxies onto a periodic mesh, cloud-in-cell. Two samples share one complex mesh, one in each part.
import type { ComplexCube } from "./fft3d.ts";

/**
 * Adds unit-mass particles with the trilinear cloud-in-cell kernel (Hockney & Eastwood 1981).
 *
 * @param part 0 adds to the real part, 1 to the imaginary part
 * @param position comoving Mpc/h in [0, box), shape (N, 3)
 * @param velocity km/s, shape (N, 3); with `shift` in Mpc/h per km/s moves particles along z into redshift space
 */
export function paint(
  mesh: ComplexCube,
  part: 0 | 1,
  boxSize: number,
  position: Float32Array,
  velocity?: Float32Array,
  shift = 0,
): void {
  const { n, data } = mesh;
  const mask = n - 1;
  const scale = n / boxSize;
  for (let i = 0; i < position.length; i += 3) {
    const x = position[i]! * scale;
    const y = position[i + 1]! * scale;
    const z = (position[i + 2]! + (velocity ? shift * velocity[i + 2]! : 0)) * scale;
    const [fx, fy, fz] = [Math.floor(x), Math.floor(y), Math.floor(z)];
    const [dx, dy, dz] = [x - fx, y - fy, z - fz];
    const z0 = 2 * (fz & mask) + part;
    const z1 = 2 * ((fz + 1) & mask) + part;
    for (let corner = 0; corner < 4; corner++) {
      const row = 2 * n * (((fx + (corner >> 1)) & mask) * n + ((fy + (corner & 1)) & mask));
      const weight = (corner >> 1 ? dx : 1 - dx) * (corner & 1 ? dy : 1 - dy);
      data[row + z0]! += weight * (1 - dz);
      data[row + z1]! += weight * dz;
    }
  }
}
