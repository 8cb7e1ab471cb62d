// A campaign as if nothing were done: every job new, every input there. What receipts there are still tell how long a run takes. Pure.
import type { JobTable } from "../expand/table.ts";
import { emptyState, type State } from "../state/reduce.ts";
import { overBudget } from "./budget.ts";
import { priceOf } from "./cost.ts";
import { keysOf } from "./keys.ts";
import { plan } from "./plan.ts";
import type { Resolve } from "./resources.ts";
import { stageCosts } from "./stage-cost.ts";
import type { Observations, Plan } from "./types.ts";

const EVERY_INPUT: Observations = {
  output: () => undefined,
  input: (path) => ({ path, size: 0, mtime: "0.0" }),
  live: false,
  inFlight: new Map(),
};

/** Its cost and refusals are those of the whole campaign; nothing was used before. */
export function estimate(table: JobTable, state: State, resolve?: Resolve): Plan {
  // All of it, whatever the steps in which it is let grow.
  const { ramp: _, ...unramped } = table.campaign;
  const whole = plan({ ...table, campaign: unramped }, emptyState(), EVERY_INPUT, {
    replace: () => false,
    adopt: false,
  });
  const jobs = table.stages.flatMap((stage) => {
    const key = keysOf(stage);
    return Array.from({ length: stage.count }, (_, i) => state.jobs.get(key(i)));
  });
  const basis = { jobs, ...(resolve ? { resolve } : {}) };
  const { campaign, stages } = table;
  const { budget } = campaign;
  const price = priceOf(
    campaign,
    stages,
    stageCosts(stages, basis, () => true),
    resolve,
  );
  const cost = { ...price, ...(budget ? { budget, used: NOTHING_USED } : {}) };
  return { ...whole, summary: { ...whole.summary, cost, refusals: overBudget(cost) } };
}

const NOTHING_USED = {
  nodeHours: 0, bytes: 0, inodes: 0,
  underway: { jobs: 0, nodeHours: { worst: 0 }, bytes: { least: 0, worst: 0 }, inodes: { least: 0, worst: 0 } },
}; // prettier-ignore
