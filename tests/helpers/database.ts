// Looks into metadata/campaign.db as a user would: with SQL.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import initSqlJs from "sql.js/dist/sql-wasm-inline.js";

/** Rows as arrays. */
export async function query(file: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const { Database } = await initSqlJs();
  const database = new Database(readFileSync(file));
  try {
    return database.exec(sql)[0]?.values ?? [];
  } finally {
    database.close();
  }
}

/** Every table and view as text, for "the same content". */
export async function contentOfDatabase(file: string): Promise<Readonly<Record<string, unknown>>> {
  const names = await query(file, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name");
  const content: Record<string, unknown> = {};
  for (const [name] of names) content[String(name)] = await query(file, `SELECT * FROM "${String(name)}"`);
  return content;
}

/** With the sqlite3 program: what people have on a cluster. */
export function sqlite3(file: string, sql: string): string {
  const { stdout, stderr, status } = spawnSync("sqlite3", [file, sql], { encoding: "utf8" });
  if (status !== 0) throw new Error(`sqlite3 ends with ${status}: ${stderr}`);
  return stdout.trim();
}
