// Ctrl-C: the first lets running jobs finish, the second stops them. SIGTERM is the second at once.

export interface Interruptions {
  readonly drain: AbortSignal;
  readonly stop: AbortSignal;
  dispose(): void;
}

export function interruptions(say: (text: string) => void): Interruptions {
  const drain = new AbortController();
  const stop = new AbortController();
  const interrupt = () => {
    if (drain.signal.aborted) {
      say("Stopping running jobs.");
      stop.abort();
    } else {
      say("Finishing running jobs; Ctrl-C again stops them.");
      drain.abort();
    }
  };
  const terminate = () => {
    say("Stopping running jobs.");
    drain.abort();
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  process.on("SIGHUP", terminate);
  return {
    drain: drain.signal,
    stop: stop.signal,
    dispose() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
      process.off("SIGHUP", terminate);
    },
  };
}
