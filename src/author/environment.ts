// The environment of a stage: facts that change results and are no code, parameter or input. Declared, compared, and never acted upon:
// which modules are loaded and which container a job runs in is the site's business and the command's.
import type { Json } from "../ir/json.ts";

/**
 * What a result depends on beside code, parameters and inputs. Another value makes the stage's jobs run again (`env_changed`, old -> new).
 * Nothing here is carried out: `modules` are loaded by the site profile, a container is started by the command or the site's `launcher`.
 * Any other name is a fact of your own, plain JSON.
 */
export interface Environment {
  /** Modules the job runs with, in the order they are loaded: `["python/3.11", "cray-hdf5/1.12"]`. */
  readonly modules?: readonly string[];
  /** The container the job runs in. The digest says which one; `podman images --digests` and `shifterimg` print it. */
  readonly container?: { readonly image: string; readonly digest: `sha256:${string}` };
  /**
   * Tasks only: the Node that runs them, as far as it matters: `"20"`, `"20.11"` or `"20.11.1"`. Receipts record the Node of their worker:
   * jobs made by one that fits are kept, also when the declaration is new; a worker that does not fit runs nothing.
   */
  readonly node?: `${number}` | `${number}.${number}.${number}`;
  readonly [fact: string]: Json | undefined;
}

/** A file whose content is a fact; see lockFile. */
export type LockFile = { readonly kind: "lock-file"; readonly path: string };

/**
 * The content of a lock file as an environment fact: `environment: { conda: lockFile("conda-lock.yml") }`. Its sha256 is taken when the
 * campaign is compiled; name and place do not count.
 *
 * @param path relative to the campaign's folder
 */
export function lockFile(path: string): LockFile {
  return { kind: "lock-file", path };
}
