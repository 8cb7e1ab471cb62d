// What a TypeScript task receives while it runs: its only door to the world. Types only; worker/ implements it.
import type { Hdf5 } from "./hdf5.ts";
import type { Json, Scalar } from "../ir/json.ts";

/** One element of a fan-in: where it lies and which job made it. */
export interface FanInElement {
  readonly path: string;
  readonly point: Readonly<Record<string, Scalar>>;
}

/** What an input port holds at run time: one path, a list of paths, or the elements of a fan-in in key order. */
export type InputValue = string | readonly string[] | readonly FanInElement[];

export interface MetricOptions {
  /** Unit as the field writes it ("Mpc/h", "1", "%"). Absent: dimensionless or not said. */
  readonly unit?: string;
  /** Anything that explains the value; stored with it and shown by `cmc explain`. */
  readonly detail?: Json;
}

export interface JobContext<
  Params = unknown,
  Inputs = Readonly<Record<string, InputValue>>,
  Outputs extends string = string,
  Point = Readonly<Record<string, Scalar>>,
> {
  /** Stable identity, e.g. `mock[realization=17,redshift=1.4]`. */
  readonly key: string;
  readonly point: Point;
  readonly params: Params;
  /** Absolute paths of the inputs. Read only. */
  readonly inputs: Inputs;
  /** Absolute paths inside this attempt's staging directory; published by rename after the validators pass. */
  readonly outputs: Readonly<Record<Outputs, string>>;
  /** 1 for the first try. */
  readonly attempt: number;
  /** HDF5 reading and writing; loaded on first call (about 0.1 s once per worker). */
  hdf5(): Promise<Hdf5>;
  readText(path: string): string;
  writeText(path: string, text: string): void;
  /** A number kept with the receipt; gates of the stage are thresholds on metrics. Non-finite values are kept as such and fail every gate. */
  metric(name: string, value: number, options?: MetricOptions): void;
  /** Starts a named phase (`start load compute write` are customary); its wall time is kept with the receipt. */
  phase(name: string): void;
  /** One line for the job's log. */
  log(message: string): void;
}
