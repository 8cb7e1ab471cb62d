// What covariance(z) tells the report: one JSON object a redshift. The matrices for science are in the HDF5 file beside it.
import type { EnsembleChecks } from "../physics/ensemble-checks.ts";
import type { EnsembleShell } from "../physics/ensemble-shells.ts";
import type { ExpectedCount } from "../physics/expected-counts.ts";
import type { SpectraFrame } from "./spectra-file.ts";

export interface EnsembleRecord extends SpectraFrame {
  /** Ascending. */
  readonly realizations: readonly number[];
  /** Galaxies in each realisation's box. */
  readonly nGalaxies: readonly number[];
  readonly expectedGalaxies: ExpectedCount;
  readonly shellStatistics: readonly EnsembleShell[];
  /** Of the redshift-space monopole, shape (shells, shells). */
  readonly correlation: readonly (readonly number[])[];
  /** The stage's metrics. */
  readonly checks: EnsembleChecks;
}
