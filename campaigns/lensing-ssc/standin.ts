// A stand-in for LensingSSC statistics files: same layout and same rules, invented numbers. For tests and trials without data.
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Hdf5 } from "cmc";
import { type Metadata, writeMetadata } from "./files/metadata.ts";
import { everyStatistic } from "./files/statistics-file.ts";
import type { Statistic } from "./statistics/layout.ts";

export interface Standin {
  readonly zs: number;
  readonly rows: number;
  readonly ngals: readonly number[];
  readonly smoothings: readonly number[];
  /** Relative amplitude of a fluctuation that all bins of a patch share: the super-sample mode. 0 for a tiled box. */
  readonly superSample: number;
  /** A patch that is the same outlier in every seed; `sigma` in the last bin of C_l, falling to 0 in the first. */
  readonly planted?: { readonly row: number; readonly sigma: number };
}

const BINS = 8;
const L_MIN = 300;
const L_MAX = 3000;
/** Relative scatter of a bin between patches. */
const SCATTER = 0.05;

function spaced(count: number, of: (index: number) => number): readonly number[] {
  return Array.from({ length: count }, (_, index) => of(index));
}

export function standinMetadata({ ngals, smoothings }: Pick<Standin, "ngals" | "smoothings">): Metadata {
  const edges = spaced(BINS + 1, (i) => L_MIN * Math.exp((Math.log(L_MAX / L_MIN) * i) / BINS));
  return {
    epsilon: 0.26,
    lmin: L_MIN,
    lmax: L_MAX,
    nbin: BINS,
    patch_size_deg: 10,
    pixarea_arcmin2: 0.0858306884765625,
    xsize: 2048,
    bins: spaced(BINS + 1, (i) => i - 4),
    nu: spaced(BINS, (i) => i - 3.5),
    l_edges: edges,
    ell: spaced(BINS, (i) => (edges[i]! + edges[i + 1]!) / 2),
    ngal_list: ngals,
    sl_list: smoothings,
  };
}

/** Unit variance, mean 0, from four uniforms: bounded, and the same on every machine (no log, no cos). */
function normals(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => {
    let sum = 0;
    for (let i = 0; i < 4; i++) sum += uniformFloat64(generator);
    return (sum - 2) * Math.sqrt(3);
  };
}

/** A histogram over nu that integrates to 1 (bin width 1). The first bin of peaks and minima is empty in every patch. */
function histogram(kind: Statistic["kind"], fluctuation: (bin: number) => number): readonly number[] {
  const shift = kind === "pdf" ? 0 : 1;
  const raw = spaced(BINS, (bin) => {
    const nu = bin - 3.5 - shift;
    return kind !== "pdf" && bin === 0 ? 0 : Math.exp((-nu * nu) / 2) * (1 + fluctuation(bin));
  });
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => value / sum);
}

/** Area above each nu: the histogram summed from the top, half of the own bin. Falls from below 1 to above 0. */
function areaAbove(pdf: readonly number[]): readonly number[] {
  return pdf.map((value, bin) => value / 2 + pdf.slice(bin + 1).reduce((a, b) => a + b, 0));
}

/** All statistics of one seed, by dataset path: float32, rows x bins (sigma: rows). */
export function standinValues(standin: Standin, seed: number): ReadonlyMap<string, Float32Array> {
  const metadata = standinMetadata(standin);
  const statistics = everyStatistic(metadata);
  const values = new Map(
    statistics.map(({ path, kind }) => [path, new Float32Array(standin.rows * (kind === "sigma" ? 1 : BINS))]),
  );
  const normal = normals(seed * 1009 + Math.round(standin.zs * 100));
  const white = (metadata.epsilon * metadata.epsilon * (Math.PI / 10800) * (Math.PI / 10800)) / (2 * Math.PI);
  for (let row = 0; row < standin.rows; row++) {
    const common = standin.superSample * normal();
    const planted = standin.planted?.row === row ? standin.planted.sigma * SCATTER : 0;
    const own = spaced(BINS, (bin) => common + SCATTER * normal() + (planted * bin * bin) / ((BINS - 1) * (BINS - 1)));
    const cross = spaced(BINS, () => 0.02 * normal());
    const noise = spaced(BINS, () => 1 + 0.02 * normal());
    const pdf = histogram("pdf", (bin) => own[bin]!);
    const bins = (statistic: Statistic): readonly number[] => {
      const { kind, ngal } = statistic;
      if (kind === "cl") {
        return metadata.ell.map((l, bin) => {
          const signal = 1e-4 * standin.zs * Math.sqrt(l / L_MIN);
          if (ngal === 0) return signal * (1 + own[bin]!);
          const expected = (white * l * (l + 1)) / ngal;
          return signal * (1 + own[bin]!) + Math.sqrt(signal * expected) * cross[bin]! + expected * noise[bin]!;
        });
      }
      if (kind === "sigma") return [0.01 * standin.zs * (1 + own[0]!)];
      if (kind === "pdf") return pdf;
      if (kind === "peaks" || kind === "minima") return histogram(kind, () => common + SCATTER * normal());
      if (kind === "v0") return areaAbove(pdf);
      if (kind === "v1") return pdf.map((value) => value / 100);
      if (kind === "v2") return pdf.map((value, bin) => ((bin - 3.5) * value) / 100);
      return metadata.ell.map((l, bin) => 1e-6 * standin.zs * (l / L_MIN) * (1 + own[bin]!));
    };
    for (const statistic of statistics) {
      const measured = bins(statistic);
      values.get(statistic.path)?.set(measured, row * measured.length);
    }
  }
  return values;
}

/** One statistics file, laid out as the authors' are. `change` may spoil the values before they are written. */
export function writeStandin(
  hdf5: Hdf5,
  path: string,
  standin: Standin,
  seed: number,
  change: (values: Map<string, Float32Array>) => void = () => undefined,
): void {
  const metadata = standinMetadata(standin);
  const values = new Map(standinValues(standin, seed));
  change(values);
  hdf5.create(path, (file) => {
    writeMetadata(file, metadata);
    file.attribute("metadata/parameters", "creation_date", "2025-01-01T00:00:00", "str");
    for (const [name, data] of values) {
      const shape = data.length === standin.rows ? [standin.rows] : [standin.rows, BINS];
      file.dataset(name, { dtype: "f4", shape, data });
    }
  });
}

/** `stats_zs1.0_s100_oa10.h5`. */
export function standinName(zs: number, seed: number): string {
  return `stats_zs${zs.toFixed(1)}_s${seed}_oa10.h5`;
}
