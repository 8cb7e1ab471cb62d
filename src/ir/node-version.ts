// Versions of Node as a stage declares them, and whether a Node fits: "20" takes 20.11.1, "20.1" does not.

export function isNodeVersion(text: string): boolean {
  return /^\d+(\.\d+){0,2}$/.test(text);
}

/** @param actual as `process.versions.node` has it */
export function nodeFits(declared: string, actual: string): boolean {
  return actual === declared || actual.startsWith(`${declared}.`);
}
