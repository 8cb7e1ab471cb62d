// Runs the real command line (dist/cmc.mjs) in a folder of its own, with a cache of its own. No mocks.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const REPOSITORY = resolve(import.meta.dirname, "..", "..");
const CLI = join(REPOSITORY, "dist", "cmc.mjs");

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Rig {
  readonly dir: string;
  write(path: string, text: string): void;
  /** Text of a file in the folder. */
  read(path: string): string;
  /** Replaces a text in a file; throws where it does not stand there. */
  edit(path: string, from: string, to: string): void;
  /** Runs to the end. `as`: the number of another user, where this one is root. */
  cmc(args: readonly string[], env?: Readonly<Record<string, string>>, as?: number): Promise<Finished>;
  /** Starts and returns the process, with a promise of its end. */
  start(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    as?: number,
  ): { readonly child: ChildProcess; readonly done: Promise<Finished> };
  /** Lines of `--json` output as objects, by type. */
  json(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<readonly Record<string, unknown>[]>;
  dispose(): void;
}

/** `cli`: another build than that of this checkout. */
export function makeRig(files: Readonly<Record<string, string>> = {}, cli = CLI): Rig {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "cmc-e2e-")));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const start: Rig["start"] = (args, env = {}, as) => {
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !name.startsWith("CMC_") && name !== "NODE_EXTRA_CA_CERTS" && name !== "FORCE_COLOR",
      ),
    );
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: dir,
      env: { ...inherited, CMC_CACHE_DIR: join(dir, ".cache"), NO_COLOR: "1", ...env } as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
      ...(as === undefined ? {} : { uid: as, gid: as }),
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    const done = new Promise<Finished>((finish, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => finish({ code, signal, out, err }));
    });
    return { child, done };
  };
  const cmc: Rig["cmc"] = (args, env, as) => start(args, env, as).done;
  const read: Rig["read"] = (path) => readFileSync(join(dir, path), "utf8");
  const edit: Rig["edit"] = (path, from, to) => {
    const text = read(path);
    if (!text.includes(from)) throw new Error(`${path} does not contain ${from}`);
    write(
      path,
      text.replace(from, () => to),
    );
  };
  return {
    dir,
    write,
    read,
    edit,
    start,
    cmc,
    json: async (args, env) =>
      (await cmc([...args, "--json"], env)).out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    dispose: () => rmSync(dir, { recursive: true, force: true }),
  };
}
