// A campaign as it stood at a git revision, compiled: its tree is checked out into a folder of its own, outside the repository, and removed again.
// The repository, its index and its work tree are only read.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { compile, type CompileRequest } from "../compile/compile.ts";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics/diagnostic.ts";
import { remedyOf } from "../diagnostics/print.ts";
import type { JobTable } from "../expand/table.ts";
import { git } from "../observe/git.ts";

const run = promisify(execFile);

/** Full id of the commit; undefined: git knows none by this name, or the folder is in no repository. */
export async function commitNamed(folder: string, name: string): Promise<string | undefined> {
  try {
    return (await git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`)).trim();
  } catch {
    return undefined;
  }
}

/**
 * `request.file`: the campaign as it lies here. Variables, listings and relative inputs are those of here and now: what differs is
 * what was written. Throws cli/revision.
 */
export async function compileRevision(request: CompileRequest, name: string, commit: string): Promise<JobTable> {
  // As git names it.
  const here = realpathSync(request.file);
  const home = dirname(here);
  const top = (await git(home, "rev-parse", "--show-toplevel")).slice(0, -1);
  const away = realpathSync(mkdtempSync(join(tmpdir(), "cmc-revision-")));
  try {
    const tree = join(away, "tree");
    await checkOut(top, commit, tree, join(away, "index"));
    const folder = join(tree, relative(top, home));
    const file = join(folder, basename(here));
    if (!existsSync(file)) fail({ code: "cli/revision", message: `${relative(top, here)} does not exist at ${name}` });
    linkPackages(top, home, tree);
    const compiled = await compile({ ...request, file, home, cacheDir: null });
    return compiled.table();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(error.diagnostics.map((diagnostic) => atRevision(diagnostic, name, request.cwd, away)));
  } finally {
    rmSync(away, { recursive: true, force: true });
  }
}

/** With an index of its own, so that the repository's is not touched. Large files kept elsewhere stay there. */
async function checkOut(top: string, commit: string, tree: string, index: string): Promise<void> {
  mkdirSync(tree);
  const env = { ...process.env, GIT_INDEX_FILE: index, GIT_LFS_SKIP_SMUDGE: "1" };
  const still = ["-c", "core.splitIndex=false", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];
  const ask = (...args: string[]) => run("git", ["-C", top, ...still, ...args], { env, maxBuffer: 1 << 28 });
  await ask("read-tree", commit);
  await ask("checkout-index", "--all", "--quiet", `--prefix=${tree}/`);
}

/** Installed packages are in no commit: those of here, from the campaign's folder up to the repository's top. */
function linkPackages(top: string, home: string, tree: string): void {
  for (let at = home; ; at = dirname(at)) {
    const [installed, link] = [join(at, "node_modules"), join(tree, relative(top, at), "node_modules")];
    if (existsSync(installed) && !existsSync(link)) symlinkSync(installed, link);
    if (at === top || at === dirname(at)) return;
  }
}

/** Paths as people know them: the folder of the checkout is gone when they read this. */
function atRevision(diagnostic: Diagnostic, name: string, cwd: string, away: string): Diagnostic {
  const prefixes = [join(away, "tree"), relative(cwd, join(away, "tree"))];
  const rewrite = (text: string) => prefixes.reduce((out, prefix) => out.replaceAll(`${prefix}/`, `${name}:`), text);
  const { span } = diagnostic;
  return {
    ...diagnostic,
    code: "cli/revision",
    message: `at ${name}, ${rewrite(diagnostic.message)}`,
    ...(span ? { span: { ...span, file: rewrite(span.file) } } : {}),
    related: [],
    remedy: `${rewrite(remedyOf(diagnostic))} Or compare with another revision.`,
  };
}
