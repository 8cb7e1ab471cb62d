// The n(>SFR) product on disk, named and laid out as the calibration companion of covariance-mocks.
import type { Hdf5 } from "cmc";

export interface NumberDensity {
  readonly redshift: number;
  readonly realizations: number;
  /** log10 of Msun/yr, ascending. */
  readonly logSfr: Float64Array;
  /** Galaxies above each rate, Mpc^-3 comoving. */
  readonly density: Float64Array;
  /** All boxes together, Mpc^3 comoving. */
  readonly volume: number;
}

export function writeNumberDensity(hdf5: Hdf5, path: string, content: NumberDensity): void {
  const shape = [content.logSfr.length];
  hdf5.create(path, (file) => {
    file.dataset("logsfr_corr", { dtype: "f8", shape, data: content.logSfr });
    file.dataset("n_cumulative", { dtype: "f8", shape, data: content.density });
    file.attribute("/", "redshift", content.redshift, "f8");
    file.attribute("/", "v_ensemble_mpc3", content.volume, "f8");
    file.attribute("/", "n_realizations", BigInt(content.realizations), "i8");
    file.attribute("/", "units", "logsfr_corr: log10(Msun/yr); n_cumulative: Mpc^-3 comoving", "str");
    file.attribute("/", "calibration", "none", "str");
  });
}
