// cmc watch: takes turns until nothing is in progress, and shows each. It may be ended at any time: nothing depends on it.
import { setTimeout as sleep } from "node:timers/promises";
import { parseDuration } from "../../author/units.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import type { Context } from "../context.ts";
import { exitCodeOf, placeOf, showTurn, type TickOptions, turnUnlessBusy } from "./tick.ts";

interface WatchOptions extends TickOptions {
  readonly every: string;
}

export async function watch(context: Context, campaign: string | undefined, options: WatchOptions): Promise<number> {
  const every = parseDuration(options.every) ?? fail({ code: "compile/bad-unit", message: `--every ${options.every} is not a duration` }); // prettier-ignore
  const place = await placeOf(context, campaign, options);
  const stop = new AbortController();
  const end = (): void => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
  let code: number = EXIT.ok;
  while (!stop.signal.aborted) {
    const turn = await turnUnlessBusy(context, place, options.json ?? false);
    if (turn) {
      showTurn(context, turn, options.json ?? false, `${new Date(context.now()).toISOString().slice(11, 19)}  `);
      code = exitCodeOf(turn);
      if (turn.runs === turn.finished.length && turn.unreachable === undefined) break;
    }
    await sleep(every * 1000, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  return stop.signal.aborted ? EXIT.cancelled : code;
}
