// Submits one allocation of a pool: the intent on disk, then sbatch, then its answer. It holds no jobs: its workers claim packs.
import { join } from "node:path";
import { faultPoint } from "../../state/fault.ts";
import { escapePattern } from "../slurm/sbatch.ts";
import type { SubmitAnswer } from "../slurm/submission.ts";
import { excludedNodes } from "./brakes.ts";
import type { Docket } from "./docket.ts";
import { newToken, recordAnswer } from "./ledger.ts";
import { poolFolder } from "./pool-desk.ts";
import type { WantedAllocation } from "./pool-plan.ts";
import { jobName } from "./sight.ts";
import type { TurnBook, TurnPlace } from "./turn-book.ts";

export async function submitAllocation(
  { root, state, client, now }: TurnPlace,
  turn: TurnBook,
  docket: Docket,
  { pool, lane }: WantedAllocation,
): Promise<SubmitAnswer> {
  const { run } = docket;
  const exclude = excludedNodes(docket, state);
  const token = newToken(pool.name, now());
  const intent = { array: pool.name, mode: "pool", lane: lane.name, tasks: 1, jobs: 0 } as const;
  turn.write({ type: "submission-intended", at: now(), token, run: run.run, ...intent });
  turn.journal().sync();
  faultPoint("pool/intended");
  const { resources, queue } = lane;
  const answer = await client.submit({
    script: join(run.bundle, "slurm", `${pool.name}.sbatch`),
    args: [run.bundle, root, run.campaignDir, run.run, poolFolder(root, run.run, pool.name), lane.name],
    jobName: jobName(token),
    ...queueOptions(queue),
    nodes: resources.nodes,
    walltime: resources.walltime,
    ...(resources.tasks === undefined ? {} : { tasks: resources.tasks }),
    ...(resources.cpus === undefined ? {} : { cpusPerTask: Math.ceil(resources.cpus / (resources.tasks ?? 1)) }),
    ...(resources.gpus ? { gpusPerNode: Math.ceil(resources.gpus / resources.nodes) } : {}),
    ...(resources.memory === undefined ? {} : { memory: Math.ceil(resources.memory / resources.nodes) }),
    ...(exclude.length > 0 ? { excludeNodes: exclude } : {}),
    requeue: false,
    workingDirectory: root,
    output: escapePattern(join(root, "logs", `${token}.slurm`)),
    openMode: "append",
  });
  faultPoint("pool/submitted");
  for (const event of recordAnswer(token, answer, now())) turn.write(event);
  turn.journal().sync();
  return answer;
}

function queueOptions({ licenses, mail, options, ...queue }: WantedAllocation["lane"]["queue"]) {
  return {
    ...queue,
    ...(licenses ? { licenses } : {}),
    ...(mail ? { mail } : {}),
    ...(options ? { extra: options } : {}),
  };
}
