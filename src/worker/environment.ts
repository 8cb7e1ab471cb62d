// The environment jobs inherit from the worker: its own, without what was meant for the worker alone.

/** The executor starts workers without NODE_EXTRA_CA_CERTS (30 ms and 10 MB in every Node 20 process) and hands it on under this name. */
export const CARRIED_CA = "CMC_CARRIED_NODE_EXTRA_CA_CERTS";

/** By these in /proc the executor finds the processes of an attempt whose worker is dead. */
export function attemptMarks(key: string, attemptId: string, root: string): Readonly<Record<string, string>> {
  return { CMC_KEY: key, CMC_ATTEMPT_ID: attemptId, CMC_ROOT: root };
}

/**
 * `base` with `own` on top. Inherited, which spawn takes too: a copy of `base` was a fifth of the memory that a short job touched,
 * and each page of it is copied once more by the next fork.
 */
export function extended(base: NodeJS.ProcessEnv, own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.assign(Object.create(base) as NodeJS.ProcessEnv, own);
}

const OWN = ["CMC_FAULT", "CMC_NODES", "CMC_GRACE_MS", "CMC_WATCH_MS", "CMC_HEARTBEAT_MS", "CMC_POLL_MS", CARRIED_CA];

export function jobBaseEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...own };
  const carried = env[CARRIED_CA];
  for (const name of OWN) delete env[name];
  if (carried !== undefined) env["NODE_EXTRA_CA_CERTS"] = carried;
  return env;
}
