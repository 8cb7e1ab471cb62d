// Recommended thresholds on the metrics of every stage, as data. What a metric means is in physics/*-checks.ts.
import type { Gate } from "cmc";

type Gates = Readonly<Record<string, Gate>>;

const mock: Gates = {
  finite: { metric: "finiteFraction", equals: 1, description: "every column is finite" },
  inBox: { metric: "inBoxFraction", equals: 1, description: "positions lie in [0, box)" },
  speed: { metric: "maxSpeed", max: 5000, description: "no velocity component above 5000 km/s" },
  hosts: { metric: "validHostFraction", equals: 1, description: "upid is -1 or a row of halos/" },
  lowestMass: { metric: "logMassMargin", min: 0, description: "no halo below the mass threshold" },
  haloCount: { metric: "nHalosPull", min: -5, max: 5, description: "halo count within 5 sigma of Tinker 2008" },
  haloCountLevel: { metric: "nHalosBeyondError", max: 0.03, description: "halo count within 3 % + 3 sigma" },
  galaxyCount: {
    metric: "nGalaxiesPull",
    min: -5,
    max: 5,
    description: "galaxy count within 5 sigma of the occupation",
  },
  satellites: { metric: "satelliteFraction", min: 0.02, max: 0.2, level: "warn", description: "satellites 2-20 %" },
  massFunction: { metric: "massFunctionPValue", min: 1e-4, level: "warn", description: "counts per mass bin" },
};

// No gate on lowShellsMaxPull: the lowest shell has 18 modes, and one box in a thousand lies 4 sigma high by chance.
const spectrum: Gates = {
  shotNoise: { metric: "shotNoiseDeviation", max: 1e-6, description: "mesh mass gives shot noise V/N" },
  lowShells: { metric: "lowShellsMinPValue", min: 1e-7, description: "lowest shells follow b^2 P_lin + P_1h" },
  kaiser: {
    metric: "rsdRatioBeyondError",
    max: 0.03,
    level: "warn",
    description: "P0s/P0r is Kaiser's within 3 % + 3 sigma",
  },
};

/** By stage. */
export const gates = {
  populate: mock,
  measure: {
    identity: { metric: "identityMismatches", equals: 0, description: "the catalogue is the one asked for" },
    ...spectrum,
  },
  pack: { ...mock, ...spectrum },
  nsfr: {
    roundTrip: { metric: "roundTripDeviation", max: 0.02, description: "the threshold selects the density asked for" },
    scatter: { metric: "selectedScatter", max: 0.05, level: "warn", description: "boxes agree on the density" },
  },
  covariance: {
    realizations: { metric: "duplicateRealizations", equals: 0, description: "every realisation once" },
    uniqueness: { metric: "duplicateCatalogs", equals: 0, description: "no two catalogues are equal" },
    independence: { metric: "maxFieldCorrelation", max: 0.5, description: "no two realisations share phases" },
    density: { metric: "meanDensityDeviation", min: -0.05, max: 0.05, description: "mean density within 5 %" },
    count: { metric: "maxCountPull", max: 5.5, description: "no box has an outlying count" },
    variance: { metric: "varianceRatioPValue", min: 1e-3, description: "Gaussian variance at k < 0.06 h/Mpc" },
    varianceWide: { metric: "varianceRatioWidePValue", min: 1e-3, level: "warn", description: "and at k < 0.08" },
    excess: {
      metric: "varianceRatioSmallScalePull",
      min: -3,
      level: "warn",
      description: "variance at k > 0.1 not below Gaussian",
    },
    spectrum: { metric: "meanSpectrumBeyondError", max: 0.03, description: "mean P0 is theory within 3 % + 3 sigma" },
    kaiser: {
      metric: "kaiserBeyondError",
      max: 0.03,
      level: "warn",
      description: "P0s/P0r is Kaiser's within 3 % + 3 sigma",
    },
    inverse: { metric: "inverseAvailable", equals: 1, description: "more realisations than bins + 2" },
    enough: { metric: "realizationsPerBin", min: 5, level: "warn", description: "five realisations a bin" },
    definite: { metric: "positiveDefinite", equals: 1, description: "covariance is positive definite" },
  },
  report: {
    verdict: { metric: "failedChecks", equals: 0, description: "no redshift failed a check" },
  },
} as const satisfies Readonly<Record<string, Gates>>;
