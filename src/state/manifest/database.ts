// A database built once, from nothing, in memory, to bytes: the only place that loads sql.js. It opens no files.
import type { Database, SqlValue } from "sql.js/dist/sql-wasm-inline.js";
import { fail } from "../../diagnostics/diagnostic.ts";

export type { SqlValue } from "sql.js/dist/sql-wasm-inline.js";

/** Takes one row; the number of values is the number of columns of the table. */
export type Insert = (values: readonly SqlValue[]) => void;

export interface Builder {
  /** Inserts into a table that `schema` made. */
  table(name: string): Insert;
  /** Statements after the inserts: indexes and views. */
  run(sql: string): void;
}

/** Above this sql.js needs several GB and, near 4 GB, hangs (building-blocks section 5). */
const MOST_JOBS = 2_000_000;

/**
 * Equal schema and rows give equal bytes: the page size is fixed, nothing reads a clock, and a new database that only grows
 * has no free pages whose order could differ. The file opens in sqlite3 as any other.
 */
export async function buildDatabase(
  jobs: number,
  schema: string,
  fill: (builder: Builder) => void,
): Promise<Uint8Array> {
  if (jobs > MOST_JOBS) fail({ code: "compile/too-many-jobs", message: `A manifest of ${jobs} jobs was asked for` });
  // Loaded here and not at the top: a warm `plan` never needs its 1 MB and 30 ms.
  const { default: initSqlJs } = await import("sql.js/dist/sql-wasm-inline.js");
  const { Database } = await initSqlJs();
  const database = new Database(withRoom(new Database(), jobs), { useOldExtensionFunctions: false });
  try {
    // The cache holds all pages until the end: spilled ones are written again and again (a third of the time at 200,000 jobs).
    database.run("PRAGMA journal_mode = OFF; PRAGMA cache_size = -1500000");
    const statements: { free(): boolean }[] = [];
    // One transaction: the first commit cuts the room off.
    database.run("BEGIN");
    database.run(schema);
    fill({
      table: (name) => {
        const statement = database.prepare(`INSERT INTO ${name} VALUES (${placeholders(database, name)})`);
        statements.push(statement);
        return (values) => statement.run(values);
      },
      run: (sql) => void database.run(sql),
    });
    for (const statement of statements) statement.free();
    database.run("COMMIT");
    return database.export();
  } finally {
    database.close();
  }
}

/** What a job takes in the larger of the two databases, two metrics and a gate included. Too little costs time, too much nothing. */
const BYTES_PER_JOB = 800;

/**
 * An empty database of one page, followed by room that SQLite does not count as pages and cuts off when it commits. Without it
 * the file in memory grows by an eighth at a time, copying itself: 93 s of processor time instead of 66 at a million jobs.
 */
function withRoom(empty: Database, jobs: number): Uint8Array {
  empty.run("PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; PRAGMA user_version = 1");
  const page = empty.export();
  empty.close();
  const room = new Uint8Array(page.length + jobs * BYTES_PER_JOB);
  room.set(page);
  return room;
}

function placeholders(database: Database, table: string): string {
  const columns = database.exec(`SELECT count(*) FROM pragma_table_info(${literal(table)})`)[0]!
    .values[0]![0] as number;
  return Array.from({ length: columns }, () => "?").join(",");
}

/** Name of a table, view or column. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
