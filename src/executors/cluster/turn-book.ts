// What happens in a turn, written down as it happens: events to the journal, counts and alerts for who took it.
import type { DiagnosticCode } from "../../diagnostics/catalogue.ts";
import type { Event } from "../../state/events.ts";
import type { JournalWriter } from "../../state/journal.ts";
import { reduce, type State } from "../../state/reduce.ts";
import type { Failure } from "../slurm/answer.ts";
import type { SlurmClient } from "../slurm/client.ts";
import type { Docket } from "./docket.ts";
import type { Look } from "./look.ts";
import type { Hand } from "./settle.ts";
import type { Standing, Standings } from "./standing.ts";
import type { Pack } from "./task-file.ts";

export interface TurnPlace {
  readonly root: string;
  /** Taken before the journals were read. */
  readonly look: Look;
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
  readonly finished: readonly { readonly run: string; readonly outcome: "done" | "failures" | "cancelled" }[];
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

/** What happens in a turn, as it happens. */
export class TurnBook {
  readonly finished: { run: string; outcome: "done" | "failures" | "cancelled" }[] = [];
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

  tookOn(tasks: readonly Pack[]): void {
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
