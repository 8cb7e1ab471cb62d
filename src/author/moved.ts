// What was renamed: results made under the earlier name are kept under the later one. Declares; plan/ finds them and apply/ renames their files.
import type { Scalar } from "../ir/json.ts";
import { record } from "./registry.ts";

export type Moved =
  /** A stage has another name. */
  | { readonly from: { readonly stage: string }; readonly to: { readonly stage: string } }
  /** An axis has another name: of one stage, or of all that have it. */
  | {
      readonly from: { readonly stage?: string; readonly axis: string };
      readonly to: { readonly stage?: string; readonly axis: string };
    }
  /**
   * Axis values. `at` on both sides: a value is written in another way. On `to` alone: an axis was added, and what is there has this value of it.
   * On `from` alone: an axis was removed, and what had this value of it remains.
   */
  | {
      readonly from: { readonly stage?: string; readonly at?: Readonly<Record<string, Scalar>> };
      readonly to: { readonly stage?: string; readonly at?: Readonly<Record<string, Scalar>> };
    }
  /** An output has another name. The same name twice: only its path is another. */
  | {
      readonly from: { readonly stage: string; readonly output: string };
      readonly to: { readonly stage: string; readonly output: string };
    };

/**
 * Says that results have another name now: `moved({ from: { stage: "mock" }, to: { stage: "catalogue" } })`. They are kept; files whose paths follow
 * from the name are renamed by the next apply. Entries are read in the order written, the latest last. What a job is asked (its parameters, its code)
 * is compared as ever: a move excuses names only. Keep an entry as long as results made before it count.
 */
export function moved(move: Moved): void {
  record({ kind: "moved", move });
}
