// Reads a bundle's manifest.sqlite back: what every job of the campaign was when the bundle was made. The counterpart of seed.ts.

export interface SeededJob {
  readonly key: string;
  readonly stage: string;
  /** JSON. */
  readonly point: string;
  readonly params: string;
  readonly recipe: string;
  /** Where its line is in the bundle: job file and 0-based line. Absent: there was nothing to do for it. */
  readonly batch?: string;
  readonly line?: number;
}

/** In the order of rows. */
export async function readSeed(bytes: Uint8Array, each: (job: SeededJob) => void): Promise<void> {
  const { default: initSqlJs } = await import("sql.js/dist/sql-wasm-inline.js");
  const { Database } = await initSqlJs();
  const database = new Database(bytes);
  try {
    const rows = database.prepare("SELECT key, stage, point, params, recipe, batch, line FROM jobs ORDER BY id");
    while (rows.step()) {
      const [key, stage, point, params, recipe, batch, line] = rows.get() as [
        string,
        string,
        string,
        string,
        string,
        string | null,
        number | null,
      ];
      each({ key, stage, point, params, recipe, ...(batch === null ? {} : { batch, line: line! }) });
    }
    rows.free();
  } finally {
    database.close();
  }
}
