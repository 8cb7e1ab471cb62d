// Mean spectra, covariances and inverse covariance of one redshift on disk, for whoever fits models to the survey.
import type { Hdf5 } from "cmc";
import type { EnsembleChecks } from "../physics/ensemble-checks.ts";
import type { Ensemble, EnsembleShell, ShellStatistics } from "../physics/ensemble-shells.ts";
import type { SpectraFrame } from "./spectra-file.ts";

export interface CovarianceFile {
  readonly frame: SpectraFrame;
  readonly shells: readonly EnsembleShell[];
  readonly ensemble: Ensemble;
  /** Hartlap-corrected inverse covariance of P0 for the first bins; undefined: refused, too few realisations. */
  readonly precision: readonly Float64Array[] | undefined;
  /** Become root attributes. */
  readonly checks: EnsembleChecks;
}

const spectra = { p0_real: "p0Real", p0: "p0", p2: "p2" } as const;

export function writeCovariance(hdf5: Hdf5, path: string, content: CovarianceFile): void {
  const { frame, shells, ensemble, precision, checks } = content;
  hdf5.create(path, (file) => {
    const vector = (name: string, value: (shell: EnsembleShell) => number): void =>
      file.dataset(name, { dtype: "f8", shape: [shells.length], data: Float64Array.from(shells, value) });
    const matrix = (name: string, rows: readonly Float64Array[]): void => {
      const data = Float64Array.from(rows.flatMap((row) => [...row]));
      file.dataset(name, { dtype: "f8", shape: [rows.length, rows.length], data });
    };
    vector("k", ({ k }) => k);
    vector("n_modes", ({ modes }) => modes);
    for (const [name, key] of Object.entries(spectra)) {
      const of = (field: keyof ShellStatistics) => (shell: EnsembleShell) => shell[key][field];
      vector(`mean/${name}`, of("mean"));
      vector(`theory/${name}`, of("theory"));
      vector(`linear_theory/${name}`, of("linear"));
      vector(`variance_ratio/${name}`, of("varianceRatio"));
      matrix(`covariance/${name}`, ensemble[key].covariance);
      matrix(`correlation/${name}`, ensemble[key].correlation);
    }
    vector("variance_ratio/error", ({ p0 }) => p0.varianceRatioError);
    if (precision) matrix("precision/p0", precision);
    file.attribute("/", "z_obs", frame.redshift, "f8");
    file.attribute("/", "Lbox", frame.boxSize, "f8");
    file.attribute("/", "n_realizations", BigInt(ensemble.realizations), "i8");
    file.attribute("/", "shot_noise", ensemble.shotNoise, "f8");
    file.attribute("/", "units", "k in h/Mpc, powers in (Mpc/h)^3, shot noise subtracted", "str");
    for (const [name, value] of Object.entries(checks)) file.attribute("/", name, value, "f8");
  });
}
