// The ramp of a campaign: how many jobs first, how many then. Declares, does not compute.

/** Ascending whole numbers, and `"all"` at the end: `[1, 100, "all"]`. */
export type RampSteps = readonly [number, ...number[], "all"];

/**
 * A plan goes no further than the open step. Steps count the jobs of each stage without upstream, in plan order; of the other stages come those
 * jobs that need nothing beyond. The next step opens when the jobs that the last one added are finished, not too many of them failed, and their
 * named gates passed; or by `cmc release --ramp`. Never a reason to rerun.
 */
export interface Ramp {
  readonly steps: RampSteps;
  /** Largest share of a step's finished jobs that may have failed, 0 to 1; 0.1 unless said. */
  readonly failureRate?: number;
  /** Names of gates, of whatever stage and level, that must have passed. */
  readonly gates?: readonly string[];
}
