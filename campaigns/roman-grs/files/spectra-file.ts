// Spectra of one or many realisations of one redshift on disk, with the linear theory they were compared to.
// measure writes one realisation, pack writes many; covariance reads both alike.
import type { Hdf5 } from "cmc";
import type { ModelSpectrum } from "../physics/model-spectrum.ts";
import type { ModeShells } from "../physics/modes.ts";
import type { MeasuredSpectrum } from "../physics/power-spectrum.ts";

/** What must agree between files that are averaged. */
export interface SpectraFrame {
  readonly redshift: number;
  /** Mpc/h. */
  readonly boxSize: number;
  /** Cells a side of the grid the mocks were made on. */
  readonly gridSize: number;
  /** log10 of Msun/h. */
  readonly logMassMin: number;
  readonly shells: number;
}

export interface RealizationSpectrum {
  readonly realization: number;
  readonly nGalaxies: number;
  /** Fingerprint of the catalogue. */
  readonly contentHash: bigint;
  readonly spectrum: MeasuredSpectrum;
}

export interface SpectraFile {
  readonly frame: SpectraFrame;
  readonly realizations: readonly RealizationSpectrum[];
}

export function writeSpectra(
  hdf5: Hdf5,
  path: string,
  { frame, realizations }: SpectraFile,
  shells: ModeShells,
  model: ModelSpectrum,
): void {
  const rows = realizations.length;
  const columns = frame.shells;
  const fundamental = (2 * Math.PI) / frame.boxSize;
  hdf5.create(path, (file) => {
    const perShell = (name: string, data: Float64Array): void =>
      file.dataset(name, { dtype: "f8", shape: [columns], data });
    const perRow = (name: string, value: (row: RealizationSpectrum) => number): void =>
      file.dataset(name, { dtype: "f8", shape: [rows], data: Float64Array.from(realizations, value) });
    const table = (name: string, value: (spectrum: MeasuredSpectrum) => Float64Array): void => {
      const data = Float64Array.from(realizations.flatMap(({ spectrum }) => [...value(spectrum)]));
      file.dataset(name, { dtype: "f8", shape: [rows, columns], data });
    };
    perShell(
      "k",
      shells.meanIndex.map((index) => index * fundamental),
    );
    perShell("n_modes", shells.count);
    const numbers = BigInt64Array.from(realizations, ({ realization }) => BigInt(realization));
    file.dataset("realization", { dtype: "i8", shape: [rows], data: numbers });
    perRow("n_galaxies", (row) => row.nGalaxies);
    perRow("nbar", (row) => row.nGalaxies / frame.boxSize ** 3);
    perRow("shot_noise", (row) => row.spectrum.shotNoise);
    const hashes = BigUint64Array.from(realizations.map((row) => row.contentHash));
    file.dataset("content_hash", { dtype: "u8", shape: [rows], data: hashes });
    table("p0_real", (spectrum) => spectrum.p0Real);
    table("p0", (spectrum) => spectrum.p0);
    table("p2", (spectrum) => spectrum.p2);
    const modes = Float32Array.from(realizations.flatMap(({ spectrum }) => [...spectrum.modes]));
    file.dataset("modes", { dtype: "f4", shape: [rows, modes.length / rows], data: modes });
    perShell("linear_theory/p0_real", model.p0Real);
    perShell("linear_theory/p0", model.p0);
    perShell("linear_theory/p2", model.p2);
    file.attribute("/", "z_obs", frame.redshift, "f8");
    file.attribute("/", "Lbox", frame.boxSize, "f8");
    file.attribute("/", "grid_size", BigInt(frame.gridSize), "i8");
    file.attribute("/", "lgmp_min", frame.logMassMin, "f8");
    file.attribute("/", "n_realizations", BigInt(rows), "i8");
    file.attribute("/", "units", "k in h/Mpc, powers in (Mpc/h)^3, shot noise subtracted", "str");
  });
}

export function readSpectra(hdf5: Hdf5, path: string): SpectraFile {
  return hdf5.open(path, (file) => {
    const [rows, columns] = file.info("p0_real").shape as [number, number];
    const table = (name: string): ((row: number) => Float64Array) => {
      const values = file.numbers(name);
      const width = values.length / rows;
      return (row) => values.slice(row * width, (row + 1) * width);
    };
    const [p0Real, p0, p2, modes] = [table("p0_real"), table("p0"), table("p2"), table("modes")];
    const nGalaxies = file.numbers("n_galaxies");
    const shotNoise = file.numbers("shot_noise");
    const hashes = file.read("content_hash") as BigUint64Array;
    return {
      frame: {
        redshift: Number(file.attribute("/", "z_obs")),
        boxSize: Number(file.attribute("/", "Lbox")),
        gridSize: Number(file.attribute("/", "grid_size")),
        logMassMin: Number(file.attribute("/", "lgmp_min")),
        shells: columns,
      },
      realizations: Array.from(file.numbers("realization"), (realization, row) => ({
        realization,
        nGalaxies: nGalaxies[row]!,
        contentHash: hashes[row]!,
        spectrum: {
          p0Real: p0Real(row),
          p0: p0(row),
          p2: p2(row),
          shotNoise: shotNoise[row]!,
          modes: Float32Array.from(modes(row)),
        },
      })),
    };
  });
}
