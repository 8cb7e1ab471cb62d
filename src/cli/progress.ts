// Progress of an apply: a bar with rate and ETA on a terminal, plain lines elsewhere. Presentation only; the executor counts.
import type { SingleBar } from "cli-progress";
import type { LocalEvent, Progress } from "../executors/local/progress.ts";
import type { Context } from "./context.ts";
import { count, duration } from "./format/quantity.ts";
import { printJson } from "./json-output.ts";

export interface ProgressView {
  event(event: LocalEvent): void;
  update(progress: Progress): void;
  close(): void;
}

/** Notes shown one by one; the rest are counted. Warnings must not crowd out failures. */
const SHOWN = { failure: 10, warning: 5 } as const;
const MORE = {
  failure: "Further failures are only counted; `cmc status` lists them.",
  warning: "Further warnings are only counted; `cmc status` lists them.",
} as const;

export async function progressView(context: Context, total: number): Promise<ProgressView> {
  const lines = context.terminal ? await bar(context, total) : plain(context);
  const shown = { failure: 0, warning: 0 };
  return {
    event(event) {
      const note = noteOf(event, context);
      if (!note || shown[note.kind] === SHOWN[note.kind]) return;
      lines.note(note.text);
      shown[note.kind] += 1;
      if (shown[note.kind] === SHOWN[note.kind]) lines.note(MORE[note.kind]);
    },
    update: (progress) => lines.update(progress),
    close: () => lines.close(),
  };
}

/** Every event as an object: started, finished, blocked, worker-lost. Counts are left to the reader. */
export function jsonProgress(context: Context): ProgressView {
  return { event: (event) => printJson(context, [event]), update: () => undefined, close: () => undefined };
}

interface Lines {
  update(progress: Progress): void;
  note(text: string): void;
  close(): void;
}

interface Note {
  readonly kind: keyof typeof SHOWN;
  readonly text: string;
}

function noteOf(event: LocalEvent, { palette }: Context): Note | undefined {
  if (event.type === "worker-lost")
    return { kind: "failure", text: palette.yellow(`worker ${event.worker}: ${event.message}`) };
  if (event.type !== "finished") return undefined;
  if (event.class !== "ok") {
    const again = event.retryIn === undefined ? "" : `; next try in ${duration(event.retryIn)}`;
    return { kind: "failure", text: `${palette.red(event.class)} ${event.key}: ${event.message}${again}` };
  }
  const warnings = event.warnings.map(
    (gate) => `${palette.yellow("warn")} ${event.key}: gate ${gate.name}: ${gate.message}`,
  );
  return warnings.length === 0 ? undefined : { kind: "warning", text: warnings.join("\n") };
}

const etaOf = ({ total, done, failed, blocked, rate }: Progress): string =>
  rate > 0 ? duration(Math.max(0, total - done - failed - blocked) / rate) : "-";
const rateOf = ({ rate }: Progress): string =>
  rate === 0 ? "-" : rate >= 10 ? `${Math.round(rate)}/s` : `${rate.toFixed(1)}/s`;

async function bar(context: Context, total: number): Promise<Lines> {
  const { default: progress } = await import("cli-progress");
  const { dim, green, red } = context.palette;
  const format = `${green("{bar}")} {percentage}%  {value}/{total} jobs  {running} running{failures}  ${dim("{rate}  ETA {left}")}`;
  const options = { format, hideCursor: true, barsize: 28, stream: process.stdout, fps: 8, gracefulExit: false };
  const single: SingleBar = new progress.SingleBar(options, progress.Presets.shades_classic);
  single.start(total, 0, { running: 0, failures: "", rate: "-", left: "-" });
  return {
    update(now) {
      const bad =
        now.failed + now.blocked > 0 ? `  ${red(`${count(now.failed)} failed, ${count(now.blocked)} blocked`)}` : "";
      single.update(now.done + now.failed + now.blocked, {
        running: now.running,
        failures: bad,
        rate: rateOf(now),
        left: etaOf(now),
      });
    },
    note: (text) => context.out(`\r\u001b[K${text}\n`),
    close: () => single.stop(),
  };
}

/** A line at each tenth of the way, and no more often than every two seconds. */
function plain(context: Context): Lines {
  let next = 0.1;
  let last = context.now();
  return {
    update(now) {
      const share = (now.done + now.failed + now.blocked) / now.total;
      if (share < next || context.now() - last < 2000) return;
      while (next <= share) next += 0.1;
      last = context.now();
      const bad = now.failed + now.blocked > 0 ? `, ${now.failed} failed, ${now.blocked} blocked` : "";
      context.out(
        `${count(now.done)} of ${count(now.total)} jobs done, ${now.running} running${bad}, ${rateOf(now)}, ETA ${etaOf(now)}\n`,
      );
    },
    note: (text) => context.out(`${text}\n`),
    close: () => undefined,
  };
}
