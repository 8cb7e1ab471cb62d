// Progress of an apply: a bar with rate and ETA on a terminal, plain lines elsewhere. Presentation only; the executor counts.
import type { SingleBar } from "cli-progress";
import type { Progress } from "../executors/local/progress.ts";
import type { Context } from "./context.ts";
import { count, duration } from "./format/quantity.ts";

export interface ProgressView {
  update(progress: Progress): void;
  /** A line above the bar: a failure, a warning. */
  note(text: string): void;
  close(): void;
}

/** Where output is no terminal: one line at the start of each of these shares, and never more often than every 2 s. */
const PLAIN_STEP = 0.1;

export async function progressView(context: Context, total: number): Promise<ProgressView> {
  return context.terminal ? await barView(context, total) : plainView(context, total);
}

function rateAndEta(progress: Progress, startedAt: number, now: number): { rate: string; eta: string } {
  const seconds = (now - startedAt) / 1000;
  const ended = progress.done + progress.failed;
  if (ended === 0 || seconds <= 0) return { rate: "-", eta: "-" };
  const rate = ended / seconds;
  return { rate: rate >= 10 ? `${Math.round(rate)}/s` : `${rate.toFixed(1)}/s`, eta: duration(Math.max(0, progress.total - ended) / rate) };
}

async function barView(context: Context, total: number): Promise<ProgressView> {
  const { default: progress } = await import("cli-progress");
  const { dim, green, red } = context.palette;
  const format = `${green("{bar}")} {percentage}%  {value}/{total} jobs  {running} running{failures}  ${dim("{rate}  ETA {left}")}`;
  const bar: SingleBar = new progress.SingleBar({ format, hideCursor: true, barsize: 28, stream: process.stdout, fps: 8, clearOnComplete: false }, progress.Presets.shades_classic);
  const startedAt = context.now();
  bar.start(total, 0, { running: 0, failures: "", rate: "-", left: "-" });
  return {
    update(now) {
      const { rate, eta } = rateAndEta(now, startedAt, context.now());
      const failures = now.failed + now.blocked > 0 ? `  ${red(`${count(now.failed)} failed, ${count(now.blocked)} blocked`)}` : "";
      bar.update(now.done + now.failed + now.blocked, { running: now.running, failures, rate, left: eta });
    },
    note(text) {
      context.out(`\r\u001b[K${text}\n`);
    },
    close: () => bar.stop(),
  };
}

function plainView(context: Context, total: number): ProgressView {
  const startedAt = context.now();
  let nextShare = PLAIN_STEP;
  let lastAt = startedAt;
  return {
    update(now) {
      const ended = now.done + now.failed + now.blocked;
      if (ended / total < nextShare || context.now() - lastAt < 2000) return;
      while (nextShare <= ended / total) nextShare += PLAIN_STEP;
      lastAt = context.now();
      const { rate, eta } = rateAndEta(now, startedAt, lastAt);
      context.out(`${count(ended)} of ${count(total)} jobs, ${now.running} running, ${now.failed} failed, ${now.blocked} blocked, ${rate}, ETA ${eta}\n`);
    },
    note: (text) => context.out(`${text}\n`),
    close: () => undefined,
  };
}
