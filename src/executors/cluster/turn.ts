// One turn of a campaign on a cluster: look, settle, submit what is ready, end what is finished. For the holder of the campaign's lock; it waits for
// nobody and leaves everything to the next turn that it cannot do now.
import type { DiagnosticCode } from "../../diagnostics/catalogue.ts";
import type { Event } from "../../state/events.ts";
import type { JournalWriter } from "../../state/journal.ts";
import { reduce, type State } from "../../state/reduce.ts";
import type { SlurmClient } from "../slurm/client.ts";
import type { Failure } from "../slurm/answer.ts";
import type { AccountedJob } from "../slurm/sacct.ts";
import type { Queue } from "../slurm/squeue.ts";
import { assign, type Wanted } from "./assign.ts";
import { brakeOf, excludedNodes } from "./brakes.ts";
import { type Docket, readDocket } from "./docket.ts";
import { forget, submitArray } from "./ledger.ts";
import { openSubmissions, revokeTask, sweepUnintended } from "./open-submissions.ts";
import { closeRun, openRuns } from "./run-file.ts";
import { type Hand, settle, type Settlement } from "./settle.ts";
import { sightOf } from "./sight.ts";
import { type Standing, standingsOf, type Standings } from "./standing.ts";

export interface TurnPlace {
  readonly root: string;
  /** Changed as things happen. */
  readonly state: State;
  /** Opened when there is something to write. */
  readonly journal: () => JournalWriter;
  readonly client: SlurmClient;
  readonly now: () => number;
}

export interface Turn {
  readonly runs: number;
  /** Ended in this turn. */
  readonly finished: readonly { readonly run: string; readonly outcome: "done" | "failures" }[];
  readonly submitted: { readonly submissions: number; readonly tasks: number; readonly jobs: number };
  readonly hands: ReadonlyMap<string, Hand>;
  /** Jobs by standing, over all open runs. */
  readonly counts: Readonly<Record<Standing["kind"], number>>;
  /** ms since 1970: the next retry that waits for its time. */
  readonly nextRetry?: number;
  /** Array tasks that are ready and wait for room in the queue. */
  readonly waiting: number;
  readonly alerts: readonly Alert[];
  /** The scheduler could not be asked. */
  readonly unreachable?: string;
}

export interface Alert {
  readonly code: DiagnosticCode;
  readonly message: string;
}

/** ms that a submission may take to show up in the queue; sbatch itself retries for two minutes. */
const PATIENCE_MS = 180_000;

export async function takeTurn(place: TurnPlace): Promise<Turn> {
  const { root, state, now } = place;
  const runs = openRuns(root);
  const turn = new TurnBook(place);
  if (runs.length === 0) return turn.report(0);
  sweepUnintended(root, state);
  const queue = await place.client.queue();
  if (queue.type !== "ok") return turn.unreachable(runs.length, queue);
  const { site } = runs[0]!;
  const hands = await settleAll(place, turn, queue.value, site.limits.visibility * 1000);
  const taken = new Set(hands.keys());
  const belongs = new Set<string>();
  let stop = false;
  for (const run of runs) {
    const docket = readDocket(run, belongs);
    for (const { key } of docket.jobs) belongs.add(key);
    const ceilings = {
      memory: run.site.limits.maxMemory ?? Infinity,
      walltime: run.site.limits.maxWalltime ?? Infinity,
    };
    const standings = standingsOf(docket, state, taken, ceilings, now());
    const submitted: ReadonlySet<string> | undefined = stop
      ? new Set()
      : await submitReady(place, turn, docket, standings, queue.value);
    stop ||= submitted === undefined;
    turn.count(docket, standings, submitted ?? new Set());
    endIfOver(place, turn, docket, standings);
  }
  return turn.report(runs.length, hands);
}

/** Asks accounting at most once, takes away what nobody knows of, and writes down what has become true. */
async function settleAll(
  place: TurnPlace,
  turn: TurnBook,
  queue: Queue,
  visibility: number,
): Promise<ReadonlyMap<string, Hand>> {
  const { root, state, client, now } = place;
  const numbers = new Map<string, number>();
  for (const { token, jobId } of state.submissions.values()) if (jobId !== undefined) numbers.set(token, jobId);
  let accounted: readonly AccountedJob[] = [];
  let accounting: "not asked" | "answered" | "silent" = "not asked";
  let settlement: Settlement | undefined;
  for (let round = 0; round < 3; round++) {
    const open = openSubmissions(root, state);
    const settings = { now: now(), visibility, patience: PATIENCE_MS, accounting };
    settlement = settle(open, state, sightOf(queue, accounted, numbers), settings);
    if (accounting === "not asked" && settlement.unseen.length > 0) {
      const asked = settlement.unseen.map((token) => state.submissions.get(token)!);
      const since = Math.min(...asked.map(({ intended }) => intended?.at ?? now())) / 1000 - 60;
      const unnumbered = asked.some(({ jobId }) => jobId === undefined);
      const jobs = unnumbered ? {} : { jobs: asked.map(({ jobId }) => jobId!) };
      const answer = await client.accounting({ since, ...jobs });
      accounting = answer.type === "ok" || answer.type === "off" ? "answered" : "silent";
      if (answer.type === "ok") accounted = answer.value.jobs;
      continue;
    }
    if (settlement.revoke.length === 0) break;
    for (const { token, task } of settlement.revoke) revokeTask(root, token, task, now());
  }
  for (const event of settlement!.events) turn.write(event);
  // Durable before the task files go: without them nobody could say what the submission held.
  if (settlement!.events.length > 0) place.journal().sync();
  for (const event of settlement!.events) if (event.type === "submission-over") forget(root, event.token);
  return settlement!.hands;
}

/** Keys submitted now. Undefined: the scheduler takes nothing more in this turn. */
async function submitReady(
  place: TurnPlace,
  turn: TurnBook,
  docket: Docket,
  standings: Standings,
  queue: Queue,
): Promise<ReadonlySet<string> | undefined> {
  const { state, now } = place;
  const submitted = new Set<string>();
  const { wanted, waiting } = assign(docket, standings, queue, docket.run.site);
  turn.waiting += waiting;
  if (wanted.length === 0) return submitted;
  const brake = brakeOf(docket, state);
  if (brake !== undefined) {
    turn.alert("slurm/brake", brake);
    return submitted;
  }
  const exclude = excludedNodes(docket, state);
  const ledger = { ...place, run: docket.run, journal: turn.journal(), exclude };
  for (const one of wanted) {
    const answer = await submitArray(ledger, one);
    if (answer.type === "submitted") turn.tookOn(one);
    const keys = one.tasks.flat().map(({ key }) => key);
    if (answer.type === "submitted" || answer.type === "uncertain") keys.forEach((key) => submitted.add(key));
    if (answer.type === "submitted") continue;
    if (answer.type === "refused" && answer.kind === "configuration") {
      turn.write({ type: "jobs-held", at: now(), keys, reason: `SLURM refused it: ${answer.text}` });
      turn.alert("slurm/refused", `${one.array.name}: ${answer.text}`);
      continue;
    }
    if (answer.type === "refused" && answer.kind === "wait") turn.waiting += one.tasks.length;
    else if (answer.type === "refused") turn.alert("slurm/budget", `${one.array.name}: ${answer.text}`);
    else turn.unreachableText = answer.text;
    return undefined;
  }
  return submitted;
}

function endIfOver({ root, now }: TurnPlace, turn: TurnBook, { run, jobs }: Docket, standings: Standings): void {
  const kinds = new Set(jobs.map(({ key }) => standings.get(key)!.kind));
  if (["taken", "ready", "backoff", "waiting"].some((kind) => kinds.has(kind as Standing["kind"]))) return;
  const outcome = [...kinds].every((kind) => kind === "done") ? "done" : "failures";
  turn.write({ type: "apply-finished", at: now(), run: run.run, outcome });
  turn.journal().sync();
  turn.finished.push({ run: run.run, outcome });
  closeRun(root, run.run);
}

/** What happens in a turn, as it happens. */
class TurnBook {
  readonly finished: { run: string; outcome: "done" | "failures" }[] = [];
  readonly alerts: Alert[] = [];
  waiting = 0;
  unreachableText: string | undefined;
  private readonly submitted = { submissions: 0, tasks: 0, jobs: 0 };
  private readonly counts = { done: 0, taken: 0, ready: 0, backoff: 0, waiting: 0, failed: 0, held: 0, blocked: 0 };
  private nextRetry: number | undefined;

  constructor(private readonly place: TurnPlace) {}

  journal(): JournalWriter {
    return this.place.journal();
  }

  write(event: Event): void {
    this.place.journal().append(event);
    reduce(this.place.state, event);
  }

  /** Told each time, written once. */
  alert(code: DiagnosticCode, message: string): void {
    this.alerts.push({ code, message });
    if (this.place.state.alerts.some((known) => known.code === code && known.message === message)) return;
    this.write({ type: "alert", at: this.place.now(), code, message });
  }

  tookOn({ tasks }: Wanted): void {
    this.submitted.submissions += 1;
    this.submitted.tasks += tasks.length;
    this.submitted.jobs += tasks.reduce((sum, pack) => sum + pack.length, 0);
  }

  count({ jobs }: Docket, standings: Standings, submitted: ReadonlySet<string>): void {
    for (const { key } of jobs) {
      const standing = standings.get(key)!;
      this.counts[submitted.has(key) ? "taken" : standing.kind] += 1;
      if (standing.kind === "backoff") this.nextRetry = Math.min(this.nextRetry ?? Infinity, standing.until);
    }
  }

  unreachable(runs: number, { text }: Failure): Turn {
    this.unreachableText = text;
    return this.report(runs);
  }

  report(runs: number, hands: ReadonlyMap<string, Hand> = new Map()): Turn {
    const { finished, submitted, counts, waiting, alerts, nextRetry, unreachableText } = this;
    const rest = { ...(nextRetry === undefined ? {} : { nextRetry }), ...(unreachableText === undefined ? {} : { unreachable: unreachableText }) }; // prettier-ignore
    return { runs, finished, submitted, hands, counts, waiting, alerts, ...rest };
  }
}
