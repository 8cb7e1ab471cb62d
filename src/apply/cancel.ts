// cancel on a cluster, by the holder of the lock: what is wanted is on disk before the scheduler hears of it, and the queue is looked at afterwards.
import { removePack } from "../executors/cluster/pool-desk.ts";
import { revokeTask } from "../executors/cluster/open-submissions.ts";
import { type Sight, sightOf } from "../executors/cluster/sight.ts";
import type { SlurmClient } from "../executors/slurm/client.ts";
import { arrayTasks } from "../executors/slurm/job-id.ts";
import { faultPoint } from "../state/fault.ts";
import { openJournal } from "../state/journal.ts";
import type { CancelledSubmission, CancelPlan } from "./cancel-plan.ts";
import type { ClusterView } from "./cluster-view.ts";

export interface CancelPlace {
  readonly root: string;
  readonly view: ClusterView;
  readonly client: SlurmClient;
  readonly user: string;
  /** Absent: nobody gave one. */
  readonly reason?: string;
  readonly now: () => number;
  /** ms before each look at the queue. */
  readonly looks?: readonly number[];
}

export interface Cancelled {
  readonly submissions: readonly (CancelledSubmission & {
    /** Tasks the queue still shows: their workers end, or nobody has stopped them. */
    readonly left: readonly number[];
    /** The queue shows nothing of it, and shows nothing to cancel: it had ended, or was never taken. */
    readonly unseen: boolean;
  })[];
  /** The scheduler could not be asked, or asked again: `left` is what was known last. */
  readonly unreachable?: string;
  /** What scancel objected to. */
  readonly objection?: string;
}

/** A worker that is told to end has its job ended first. */
const LOOKS = [1000, 2000, 4000, 8000];

export async function carryOutCancel(place: CancelPlace, plan: CancelPlan): Promise<Cancelled> {
  record(place, plan);
  faultPoint("cancel/recorded");
  for (const { folder, pack } of plan.packs) removePack(folder, pack);
  // A task that has not begun cannot begin any more, whatever the scheduler does.
  const { submissions } = place.view.state;
  for (const { token, tasks } of plan.submissions)
    if (submissions.get(token)?.intended?.mode === "array")
      for (const task of tasks) revokeTask(place.root, token, task, place.now());
  faultPoint("cancel/revoked");
  return askScheduler(place, plan);
}

function record(
  { root, view, user, reason: because, now }: CancelPlace,
  { hold, everything, submissions }: CancelPlan,
): void {
  const journal = openJournal(root, { writer: "verb", run: view.runs[0]!.run, name: "cancel" });
  const at = now();
  const reason = because ?? "cancelled by the user";
  const held = `cancelled by ${user}${because === undefined ? "" : `: ${because}`}`;
  const said = { user, ...(because === undefined ? {} : { because }) };
  const part = everything ? {} : { jobs: hold.length };
  for (const { run } of view.runs) journal.append({ type: "cancel-requested", at, run, user, reason, ...part });
  if (hold.length > 0) journal.append({ type: "jobs-held", at, keys: hold, reason: held, ...said });
  for (const { token, tasks, whole } of submissions)
    journal.append({ type: "submission-cancelled", at, token, ...(whole ? {} : { tasks }) });
  journal.close();
}

async function askScheduler({ client, looks = LOOKS }: CancelPlace, plan: CancelPlan): Promise<Cancelled> {
  if (plan.submissions.length === 0) return { submissions: [] };
  const before = await seen(client);
  if (typeof before === "string") return { submissions: plan.submissions.map(unlooked), unreachable: before };
  let known = plan.submissions.map((one) => shown(one, before));
  // By the number that the queue shows under its name: a crashed controller gives numbers out again.
  const names = known.flatMap(({ token, whole, left }) => {
    const jobId = before.jobId(token);
    if (jobId === undefined || left.length === 0) return [];
    return whole ? [String(jobId)] : arrayTasks(jobId, left);
  });
  if (names.length === 0) return { submissions: known };
  const answer = await client.cancel(names);
  faultPoint("cancel/asked");
  if (answer.type === "unreachable" || answer.type === "absent")
    return { submissions: known, unreachable: answer.text };
  const objection = answer.type === "failed" ? { objection: answer.text } : {};
  // What scancel would not do will not happen later.
  for (const pause of answer.type === "failed" ? looks.slice(0, 1) : looks) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const after = await seen(client);
    if (typeof after === "string") return { submissions: known, unreachable: after, ...objection };
    known = known.map((one) => ({ ...shown(one, after), unseen: one.unseen }));
    if (known.every(({ left }) => left.length === 0)) break;
  }
  return { submissions: known, ...objection };
}

/** Text: why not. */
async function seen(client: SlurmClient): Promise<Sight | string> {
  const queue = await client.queue();
  return queue.type === "ok" ? sightOf(queue.value, []) : queue.text;
}

function shown(one: CancelledSubmission, sight: Sight): Cancelled["submissions"][number] {
  const jobId = sight.jobId(one.token) ?? one.jobId;
  const left = one.tasks.filter((task) => ["pending", "running"].includes(sight.task(one.token, task)?.kind ?? ""));
  return { ...one, ...(jobId === undefined ? {} : { jobId }), left, unseen: sight.jobId(one.token) === undefined };
}

function unlooked(one: CancelledSubmission): Cancelled["submissions"][number] {
  return { ...one, left: one.tasks, unseen: false };
}
