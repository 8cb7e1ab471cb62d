// Progress of reading contents: a bar with rate and ETA on a terminal, plain lines elsewhere, nothing among objects.
import type { SingleBar } from "cli-progress";
import type { Progress } from "../apply/verify-deep.ts";
import type { Context } from "./context.ts";
import { bytes, count, duration } from "./format/quantity.ts";

export interface ReadingView {
  update(progress: Progress): void;
  close(): void;
}

export function readingView(context: Context, json: boolean): ReadingView {
  if (json) return { update: () => undefined, close: () => undefined };
  return context.terminal ? bar(context) : plain(context);
}

/** Bytes a second, and the time that is left at this rate. */
function pace({ bytes: read, totalBytes }: Progress, seconds: number): { rate: string; left: string } {
  const rate = seconds > 0 ? read / seconds : 0;
  return rate > 0 ? { rate: `${bytes(rate)}/s`, left: duration((totalBytes - read) / rate) } : { rate: "-", left: "-" };
}

function bar(context: Context): ReadingView {
  const begun = context.now();
  const { dim, green } = context.palette;
  const format = `${green("{bar}")} {percentage}%  {done} of {files} outputs  ${dim("{rate}  ETA {left}")}`;
  let single: SingleBar | undefined;
  let last: Progress | undefined;
  const show = (progress: Progress): void => {
    const { done, total, bytes: read } = progress;
    single?.update(read, { done: count(done), files: count(total), ...pace(progress, (context.now() - begun) / 1000) });
  };
  const ready = import("cli-progress").then(({ default: progress }) => {
    const options = { format, hideCursor: true, barsize: 28, stream: process.stdout, fps: 8, gracefulExit: false };
    if (last && last.done === last.total) return;
    single = new progress.SingleBar(options, progress.Presets.shades_classic);
    single.start(last?.totalBytes ?? 1, 0, { done: "0", files: "0", rate: "-", left: "-" });
  });
  return {
    update(progress) {
      single?.setTotal(Math.max(1, progress.totalBytes));
      show((last = progress));
    },
    close: () => void ready.then(() => single?.stop()),
  };
}

/** At most every two seconds. */
function plain(context: Context): ReadingView {
  const begun = context.now();
  let last = begun;
  return {
    update(progress) {
      const now = context.now();
      if (now - last < 2000) return;
      last = now;
      const { done, total, bytes: read, totalBytes } = progress;
      const { rate, left } = pace(progress, (now - begun) / 1000);
      context.out(`${count(done)} of ${count(total)} outputs read, ${bytes(read)} of ${bytes(totalBytes)}, ${rate}, ETA ${left}\n`); // prettier-ignore
    },
    close: () => undefined,
  };
}
