// The mock catalogue on disk: the covariance-mocks layout, column by column. The only file that knows its dataset names.
// galaxies/upid holds the row in halos/ of a satellite's host (-1: central); the original writer counts rows within a rank.
import type { Hdf5, Hdf5Writer } from "cmc";
import { age } from "../physics/cosmology.ts";
import { haloRadius } from "../physics/mass-function.ts";
import type { Mock } from "../physics/mock.ts";
import type { Universe } from "../physics/universe.ts";

/** What the file says about itself in root attributes. */
export interface CatalogIdentity {
  readonly realization: number;
  readonly redshift: number;
  /** Mpc/h. */
  readonly boxSize: number;
  readonly gridSize: number;
  /** log10 of Msun/h. */
  readonly logMassMin: number;
}

/** @param gzip compression level 1-9; absent: contiguous, as the original writer */
export function writeCatalog(
  hdf5: Hdf5,
  path: string,
  identity: CatalogIdentity,
  universe: Universe,
  mock: Mock,
  gzip?: number,
): void {
  const { galaxies, halos } = mock;
  const nGalaxies = galaxies.host.length;
  const nHalos = halos.logMass.length;
  hdf5.create(path, (file) => {
    const column = (name: string, data: Float32Array, shape: readonly number[]): void =>
      file.dataset(name, { dtype: "f4", shape, data, gzip });
    column("galaxies/pos", galaxies.position, [nGalaxies, 3]);
    column("galaxies/vel", galaxies.velocity, [nGalaxies, 3]);
    column("galaxies/logmp_t_obs", galaxies.logPeakMass, [nGalaxies]);
    column("galaxies/logsm_t_obs", galaxies.logStellarMass, [nGalaxies]);
    column("galaxies/logssfr_t_obs", galaxies.logSpecificSfr, [nGalaxies]);
    file.dataset("galaxies/upid", { dtype: "i8", shape: [nGalaxies], data: galaxies.host, gzip });
    writeTimes(file, universe);
    const radius = halos.logMass.map((logMass) => haloRadius(universe.cosmology, 10 ** logMass));
    column("halos/logmhost", halos.logMass, [nHalos]);
    column("halos/radius", radius, [nHalos]);
    column("halos/pos", halos.position, [nHalos, 3]);
    column("halos/vel", halos.velocity, [nHalos, 3]);
    writeIdentity(file, identity, nHalos, nGalaxies);
  });
}

/** Cosmic times in Gyr, as the original generator's star formation table has them; redshift in double precision. */
function writeTimes(file: Hdf5Writer, { cosmology, redshift }: Universe): void {
  const today = age(cosmology, 0);
  const table = Float32Array.from({ length: 50 }, (_, i) => 0.1 + ((today - 0.1) * i) / 49);
  file.dataset("galaxies/t_table", { dtype: "f4", shape: [50], data: table });
  file.dataset("galaxies/t0", { dtype: "f4", shape: [], data: Float32Array.of(today) });
  file.dataset("galaxies/t_obs", { dtype: "f4", shape: [], data: Float32Array.of(age(cosmology, redshift)) });
  file.dataset("galaxies/z_obs", { dtype: "f8", shape: [], data: Float64Array.of(redshift) });
}

function writeIdentity(file: Hdf5Writer, identity: CatalogIdentity, nHalos: number, nGalaxies: number): void {
  file.attribute("/", "Lbox", identity.boxSize, "f8");
  file.attribute("/", "z_obs", identity.redshift, "f8");
  file.attribute("/", "lgmp_min", identity.logMassMin, "f8");
  file.attribute("/", "n_halos", BigInt(nHalos), "i8");
  file.attribute("/", "n_galaxies", BigInt(nGalaxies), "i8");
  file.attribute("/", "simulation_box", `zeldovich_c000_L${identity.boxSize}_N${identity.gridSize}`, "str");
  file.attribute("/", "phase", phaseName(identity.realization), "str");
  file.attribute("/", "redshift", redshiftName(identity.redshift), "str");
  file.attribute("/", "mpi_rank", 0n, "i8");
  file.attribute("/", "mpi_size", 1n, "i8");
}

export interface GalaxyColumns {
  /** Comoving Mpc/h, shape (N, 3). */
  readonly position: Float32Array;
  /** km/s, shape (N, 3). */
  readonly velocity: Float32Array;
  /** Root attributes that disagree with what was asked for, as text; empty when the file is the right one. */
  readonly mismatches: readonly string[];
}

/** Positions and velocities of the catalogue's galaxies, with a check that it is the catalogue of `expected`. */
export function readGalaxies(hdf5: Hdf5, path: string, expected: CatalogIdentity): GalaxyColumns {
  return hdf5.open(path, (file) => {
    const position = file.read("galaxies/pos") as Float32Array;
    const velocity = file.read("galaxies/vel") as Float32Array;
    const asked: Record<string, number | string> = {
      Lbox: expected.boxSize,
      z_obs: expected.redshift,
      lgmp_min: expected.logMassMin,
      phase: phaseName(expected.realization),
      redshift: redshiftName(expected.redshift),
      n_galaxies: position.length / 3,
    };
    const mismatches = Object.entries(asked).flatMap(([name, value]) => {
      const found = file.attribute("/", name);
      const same = typeof value === "string" ? found === value : Number(found) === value;
      return same ? [] : [`${name}: asked ${value}, file says ${found}`];
    });
    return { position, velocity, mismatches };
  });
}

/** log10 of the star formation rate of every galaxy, Msun/yr. */
export function readLogSfr(hdf5: Hdf5, path: string): Float64Array {
  return hdf5.open(path, (file) => {
    const specific = file.numbers("galaxies/logssfr_t_obs");
    return file.numbers("galaxies/logsm_t_obs").map((mass, i) => mass + specific[i]!);
  });
}

/** `ph0007`: every realisation has its own name (the original wrote ph3000 into every file). */
export function phaseName(realization: number): string {
  return `ph${String(realization).padStart(4, "0")}`;
}

export function redshiftName(redshift: number): string {
  return redshift.toFixed(3);
}
