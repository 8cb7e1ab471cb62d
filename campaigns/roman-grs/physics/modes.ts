// The Fourier modes of a periodic box, sorted into shells of one fundamental mode. Geometry only: no amplitudes.

/** Every mode, k and -k alike, with |m| < shells + 1/2 except m = 0; shell b holds b + 1/2 <= |m| < b + 3/2. */
export interface ModeShells {
  readonly shells: number;
  /** Integer wave vectors, shape (N, 3), in units of the fundamental mode 2 pi / L. */
  readonly index: Int16Array;
  /** Shell of each mode, shape (N). */
  readonly shell: Uint8Array;
  /** Modes per shell, counting k and -k, shape (shells). */
  readonly count: Float64Array;
  /** Mean |m| of the modes of a shell, shape (shells). */
  readonly meanIndex: Float64Array;
}

export function modeShells(shells: number): ModeShells {
  const index: number[] = [];
  const shell: number[] = [];
  const count = new Float64Array(shells);
  const meanIndex = new Float64Array(shells);
  for (let x = -shells; x <= shells; x++) {
    for (let y = -shells; y <= shells; y++) {
      for (let z = -shells; z <= shells; z++) {
        const length = Math.sqrt(x * x + y * y + z * z);
        const b = Math.floor(length - 0.5);
        if (b < 0 || b >= shells) continue;
        index.push(x, y, z);
        shell.push(b);
        count[b]! += 1;
        meanIndex[b]! += length;
      }
    }
  }
  return {
    shells,
    index: Int16Array.from(index),
    shell: Uint8Array.from(shell),
    count,
    meanIndex: meanIndex.map((sum, b) => sum / count[b]!),
  };
}
