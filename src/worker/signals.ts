// What is asked of the process from outside: to stop, or to begin nothing new because the end is near. Listens; what follows is decided elsewhere.

export interface Signals {
  readonly stop: AbortSignal;
  /** Comes before every stop too. */
  readonly warn: AbortSignal;
}

/** Node would start its debugger on SIGUSR1 if nobody listened. */
export function clusterSignals(): Signals {
  const stop = stopSignal();
  const warn = new AbortController();
  process.on("SIGUSR1", () => warn.abort());
  stop.signal.addEventListener("abort", () => warn.abort());
  return { stop: stop.signal, warn: warn.signal };
}

export function stopSignal(): AbortController {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  return stop;
}
