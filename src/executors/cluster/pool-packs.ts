// Packs of a run's pools in a turn: takes out what is done, takes back what a worker that is gone has left, and says who holds the rest.
import { isOpen, type SubmissionState } from "../../state/submission.ts";
import type { State } from "../../state/reduce.ts";
import type { Claim } from "../../worker/claim.ts";
import type { EndClass } from "../slurm/states.ts";
import type { Docket } from "./docket.ts";
import { type DeskPack, poolFolder, removePack, takeBack } from "./pool-desk.ts";
import { type Hand, isConcluded, lose } from "./settle.ts";
import type { Sight } from "./sight.ts";
import type { TurnBook, TurnPlace } from "./turn-book.ts";

export interface PackSettings {
  /** ms in which files written elsewhere become visible here. */
  readonly visibility: number;
  /** ms after which a worker without a sign of life is gone. */
  readonly alive: number;
}

/** Hands by key. */
export function settlePacks(
  place: TurnPlace,
  turn: TurnBook,
  { run, pools }: Docket,
  sight: Sight,
  settings: PackSettings,
): ReadonlyMap<string, Hand> {
  const { root, state, now, look } = place;
  const hands = new Map<string, Hand>();
  for (const { name } of pools) {
    const folder = poolFolder(root, run.run, name);
    for (const pack of look.desks.get(folder)?.packs ?? []) {
      const left = pack.jobs.filter((job) => !isConcluded(job, state));
      const fate = fateOf(pack, left.length, { state, sight, look, ...settings });
      if (fate === "done") removePack(folder, pack);
      else if (typeof fate === "object" && takeBack(folder, pack, now())) {
        for (const event of lose(left, state, "its pool worker is gone", now(), fate.gone)) turn.write(event);
        // Recorded before the pack that names them is gone.
        if (left.length > 0) turn.journal().sync();
        removePack(folder, pack);
      } else
        for (const { key } of left) hands.set(key, { phase: fate === "waits" ? "queued" : "running", token: name });
    }
  }
  return hands;
}

/** `waits`: for a worker. `held`: one is at work, or its records are awaited. `gone`: its worker is, so; undefined: silently. */
type Fate = "done" | "waits" | "held" | { readonly gone: EndClass | undefined };

type Seen = PackSettings & Pick<TurnPlace, "state" | "look"> & { readonly sight: Sight };

function fateOf({ done, claim }: DeskPack, left: number, seen: Seen): Fate {
  if (done && left === 0) return "done";
  if (!claim) return "waits";
  const silent = seen.look.clock - claim.renewedAt;
  // The last renewal may be a heartbeat older than the mark.
  if (done) return silent < seen.visibility + seen.alive ? "held" : { gone: undefined };
  // A worker that takes it over goes on where the last one has ended. What a damaged claim stood for only a worker can find out.
  if (!claim.claim || claim.claim.ended) return "waits";
  return endOf(claim.claim, silent, seen) ?? "held";
}

/** What SLURM has lost touch with may be alive. */
const OUT_OF_REACH: ReadonlySet<EndClass> = new Set(["node_fail", "boot_fail"]);

/** Of a claimant's allocation. Undefined: it lives, or its last records may still come; in one that lives others take over from a silent worker. */
function endOf({ job }: Claim, silent: number, { state, sight, look, alive, visibility }: Seen): Fate | undefined {
  const claimants = allocationsOf(state).filter(({ jobId }) => jobId === job);
  if (claimants.some(isOpen)) return undefined;
  const end = claimants.map(({ token }) => sight.task(token, 0)).find((one) => one?.kind === "ended");
  const certain = end && !OUT_OF_REACH.has(end.class) && look.at - (end.at ?? look.at) >= visibility;
  return certain || silent >= alive ? { gone: end?.class } : undefined;
}

export function allocationsOf(state: State): readonly SubmissionState[] {
  return [...state.submissions.values()].filter(({ intended }) => intended?.mode === "pool");
}
