// Versions that travel in bundles and fingerprints.

export const TOOL_VERSION = "0.1.0";
/** Raised when a task would see something different from the worker for the same code: it is part of every code digest. */
export const WORKER_ABI = 1;
