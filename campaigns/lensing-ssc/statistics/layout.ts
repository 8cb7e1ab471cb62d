// What a LensingSSC statistics file holds and what its name says (main branch e9ea99d). Names only; nothing is read here.

export type Kind =
  "cl" | "equilateral" | "isosceles" | "squeezed" | "pdf" | "peaks" | "minima" | "v0" | "v1" | "v2" | "sigma";

export interface Statistic {
  /** Dataset path, e.g. `smoothed_statistics/ngal_0/sl_2/minkowski/v0`. */
  readonly path: string;
  readonly kind: Kind;
  /** Source galaxies per square arcminute; 0 is noiseless. */
  readonly ngal: number;
  /** Gaussian smoothing in arcmin. Absent: measured on the unsmoothed map. */
  readonly smoothing?: number;
  /** The bins: multipole l, or nu = kappa in units of its standard deviation. */
  readonly abscissa: "ell" | "nu";
}

const LABELS: Readonly<Record<Kind, string>> = {
  cl: "C_l",
  equilateral: "equilateral bispectrum",
  isosceles: "isosceles bispectrum",
  squeezed: "squeezed bispectrum",
  pdf: "PDF",
  peaks: "peaks",
  minima: "minima",
  v0: "V0",
  v1: "V1",
  v2: "V2",
  sigma: "sigma",
};

/** Every binned statistic of a file, in the authors' fixed order: spectra and bispectra, then the smoothed statistics. */
export function binnedStatistics(ngals: readonly number[], smoothings: readonly number[]): readonly Statistic[] {
  const spectra = ngals.flatMap((ngal): Statistic[] => [
    { path: `power_spectra/ngal_${ngal}/cl`, kind: "cl", ngal, abscissa: "ell" },
    ...(["equilateral", "isosceles", "squeezed"] as const).map((kind): Statistic => ({
      path: `bispectra/ngal_${ngal}/${kind}`,
      kind,
      ngal,
      abscissa: "ell",
    })),
  ]);
  const smoothed = ngals.flatMap((ngal) =>
    smoothings.flatMap((smoothing): Statistic[] => {
      const group = `smoothed_statistics/ngal_${ngal}/sl_${smoothing}`;
      const common = { ngal, smoothing, abscissa: "nu" } as const;
      return [
        ...(["pdf", "peaks", "minima"] as const).map((kind) => ({ path: `${group}/${kind}`, kind, ...common })),
        ...(["v0", "v1", "v2"] as const).map((kind) => ({ path: `${group}/minkowski/${kind}`, kind, ...common })),
      ];
    }),
  );
  return [...spectra, ...smoothed];
}

/** The scalar-per-row moments of the smoothed map: sigma_0 (rms) and sigma_1 (rms gradient). */
export function sigmaStatistics(ngals: readonly number[], smoothings: readonly number[]): readonly Statistic[] {
  return ngals.flatMap((ngal) =>
    smoothings.flatMap((smoothing) =>
      [0, 1].map((order): Statistic => {
        const path = `smoothed_statistics/ngal_${ngal}/sl_${smoothing}/sigma/${order}`;
        return { path, kind: "sigma", ngal, smoothing, abscissa: "nu" };
      }),
    ),
  );
}

/** For people: "C_l, ngal 30" or "peaks, ngal 0, 2 arcmin". */
export function labelOf(statistic: Statistic): string {
  const smoothing = statistic.smoothing === undefined ? "" : `, ${statistic.smoothing} arcmin`;
  return `${LABELS[statistic.kind]}, ngal ${statistic.ngal}${smoothing}`;
}

/** Source redshift and seed from a file name `stats_zs{zs}_s{seed}_oa{opening angle}.h5`. */
export function parseFileName(path: string): { readonly zs: number; readonly seed: number } {
  const match = /(?:^|\/)stats_zs(\d+(?:\.\d+)?)_s(\d+)_oa\d+(?:\.\d+)?\.h5$/.exec(path);
  if (match === null) {
    throw new Error(`${path}: the name says no redshift and seed; expected stats_zs{zs}_s{seed}_oa{angle}.h5`);
  }
  return { zs: Number(match[1]), seed: Number(match[2]) };
}
