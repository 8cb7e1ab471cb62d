// Reads the coordinates of a job. Two axes, `box` and `zs`; what they may be is the campaign's business.
import type { Scalar } from "cmc";

type Point = Readonly<Record<string, Scalar>>;

/** The source redshift, whether the axis holds 2.5 or "2.5". */
export function redshiftOf(point: Point): number {
  const zs = Number(point["zs"]);
  if (!Number.isFinite(zs)) throw new Error(`the job's point has no redshift: zs is ${String(point["zs"])}`);
  return zs;
}

export function boxOf(point: Point): string {
  const box = point["box"];
  if (typeof box !== "string") throw new Error(`the job's point has no box: box is ${String(box)}`);
  return box;
}
