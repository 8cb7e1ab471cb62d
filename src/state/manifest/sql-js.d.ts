// The part of sql.js 1.16 that the manifest uses. @types/sql.js lags behind it (building-blocks section 5).

declare module "sql.js/dist/sql-wasm-inline.js" {
  export type SqlValue = number | string | Uint8Array | null;

  export interface Statement {
    /** Binds, steps once, resets. A number that is no int32 is bound as a double; INTEGER columns turn it back. Never bind a bigint: it is stored as text. */
    run(values?: readonly SqlValue[]): void;
    bind(values?: readonly SqlValue[]): boolean;
    step(): boolean;
    get(): SqlValue[];
    free(): boolean;
  }

  export interface Database {
    run(sql: string): Database;
    exec(sql: string): { readonly columns: string[]; readonly values: SqlValue[][] }[];
    prepare(sql: string): Statement;
    /** A copy of the file. Refuses inside a transaction. */
    export(): Uint8Array;
    close(): void;
  }

  export interface SqlJs {
    readonly Database: new (file?: Uint8Array, options?: { useOldExtensionFunctions?: boolean }) => Database;
  }

  const initSqlJs: () => Promise<SqlJs>;
  export default initSqlJs;
}
