// adopt: brings files to their declared places, applies a plan of nothing but their adoption, and takes away again what did not pass. The originals
// stay until then. Killed anywhere, the next adoption finds what was brought by comparing it with the original, and goes on.
import { dirname, join } from "node:path";
import type { EventOf } from "../../state/events.ts";
import { faultPoint } from "../../state/fault.ts";
import { openJournal } from "../../state/journal.ts";
import { readJournals } from "../../state/read-journal.ts";
import { syncFolder } from "../../state/replace-file.ts";
import { type Applied, apply, type ApplyRequest } from "../apply.ts";
import { EVERYTHING, planCampaign, type Planned, type PlanningOptions } from "../planning.ts";
import { bring, removeOriginal, takeAway } from "./bring.ts";
import { type Asked, decide, type Decision, type Delivery } from "./decide.ts";

export interface AdoptionRequest extends Omit<
  ApplyRequest,
  "planning" | "afterwards" | "command" | "site" | "cpus" | "memory"
> {
  readonly reason: string;
  readonly mappings: Asked["mappings"];
  readonly way: Asked["way"];
  /** Which rows are meant, as things stand. */
  readonly rows: (planned: Planned) => readonly number[];
}

export interface Adopted {
  readonly decision: Decision;
  readonly applied: Applied;
  /** Of what was to be adopted: with a receipt now. */
  readonly passed: ReadonlySet<string>;
  readonly brought: number;
  /** Of `brought`, those that could not be linked. */
  readonly copied: number;
  readonly takenAway: number;
  /** `move`: originals that are gone. */
  readonly removed: number;
  /** Neither taken away nor removed, because original and copy do not hold the same any more; absolute paths. */
  readonly left: readonly string[];
}

export async function adopt(request: AdoptionRequest): Promise<Adopted> {
  const { compiled, mappings, way, rows } = request;
  const { root } = compiled;
  let decision: Decision = { adopt: [], passed: [], strays: [], others: 0, leftOver: [] };
  const tally = { brought: 0, copied: 0, takenAway: 0, removed: 0 };
  const left: string[] = [];
  const passed = new Set<string>();
  let temporary = 0;
  const aside = () => join(root, "staging", `adopt-${process.pid}-${(temporary += 1)}`);

  const planning = async (): Promise<PlanningOptions> => {
    const planned = await planCampaign(compiled, EVERYTHING, false);
    decision = decide(planned, { root, rows: rows(planned), mappings, way });
    if (decision.adopt.length > 0) record(request, decision);
    const deliveries = decision.adopt.flatMap((job) => job.deliveries);
    for (const delivery of deliveries) {
      if (delivery.stands !== "absent") continue;
      tally.copied += Number(bring(delivery, way, aside()));
      tally.brought += 1;
      faultPoint("adopt/brought");
    }
    for (const folder of new Set(deliveries.map(({ to }) => dirname(to)))) syncFolder(folder);
    const chosen = new Set(decision.adopt.map(({ row }) => row));
    return { ...EVERYTHING, adopt: true, adoptOnly: (row) => chosen.has(row) };
  };

  const afterwards = () => {
    const { state } = readJournals(root).fold();
    const remove = (delivery: Delivery) => {
      if (removeOriginal(delivery)) tally.removed += 1;
      else left.push(delivery.from);
      faultPoint("adopt/removed");
    };
    for (const { key, deliveries } of decision.adopt) {
      const foreign = deliveries.filter(({ stands }) => stands !== "own");
      if (state.jobs.get(key)?.receipt) {
        passed.add(key);
        if (way === "move") foreign.forEach(remove);
        continue;
      }
      for (const delivery of foreign) {
        if (takeAway(delivery, root, aside())) tally.takenAway += 1;
        else left.push(delivery.to);
        faultPoint("adopt/taken-away");
      }
    }
    decision.leftOver.forEach(remove);
  };

  // Nothing is run: what the jobs would need is not what their validators need.
  const unlimited = { cpus: Number.MAX_SAFE_INTEGER, memory: Number.MAX_SAFE_INTEGER };
  const applied = await apply({ ...request, ...unlimited, planning, afterwards, command: "adopt", site: "local" });
  return { decision, applied, passed, ...tally, left };
}

/** Before anything is brought: who wanted it is on disk whatever comes of it. */
function record({ compiled, reason, who, now, mappings, way }: AdoptionRequest, { adopt: jobs }: Decision): void {
  const at = now();
  const from = mappings.map(({ name, text }) => ({ output: name, pattern: text }));
  const event: EventOf<"adoption-requested"> = {
    type: "adoption-requested",
    at,
    keys: jobs.map(({ key }) => key),
    user: who.user,
    reason,
    ...(from.length > 0 ? { from, how: way } : {}),
  };
  const journal = openJournal(compiled.root, { writer: "verb", run: `adopt-${at.toString(36)}` });
  journal.append(event);
  journal.close();
  faultPoint("adopt/recorded");
}
