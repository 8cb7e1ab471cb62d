// Sets environment variables for the time of a test and puts the old ones back.

/** Returns what undoes it. */
export function setEnvironment(values: Readonly<Record<string, string>>): () => void {
  const before = new Map(Object.keys(values).map((name) => [name, process.env[name]]));
  Object.assign(process.env, values);
  return () => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  };
}
