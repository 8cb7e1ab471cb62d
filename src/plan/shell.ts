// A command as people read it, and as a line they can paste into a shell to try it by hand. Outputs go to a scratch folder there:
// nothing that is pasted may touch published results.
import type { StageIR } from "../ir/stage.ts";
import { codeArgument } from "../ir/code-argument.ts";
import type { JobLine } from "../ir/job.ts";
import { fillArgument, showPlaceholders } from "../ir/placeholder.ts";

export interface CommandSeen {
  readonly kind: "command";
  /** With `<output:catalog>` where paths stand that are known only to a worker. */
  readonly argv: readonly string[];
  /** Absent: an argument names a list file or more paths than one pastes. */
  readonly shell?: string;
}

/** Absolute folders of this machine. */
export interface Whereabouts {
  readonly root: string;
  readonly campaignDir: string;
}

/** More paths than this are not pasted. */
const PASTED = 20;

export function commandSeen(stage: StageIR, line: JobLine, where: Whereabouts | undefined): CommandSeen {
  const argv = line.argv ?? [];
  const shell = shellLine(stage, line, argv, where);
  return { kind: "command", argv: argv.map(showPlaceholders), ...(shell === undefined ? {} : { shell }) };
}

function shellLine(
  stage: StageIR,
  line: JobLine,
  argv: readonly string[],
  where: Whereabouts | undefined,
): string | undefined {
  const resolve = (name: string): string | string[] => {
    const [kind, of = ""] = name.split(":") as [string, string?];
    if (kind === "output") return `${SCRATCH}/out/${of}/${line.outputs[of]?.split("/").at(-1) ?? of}`;
    if (kind === "staging" || kind === "scratch") return SCRATCH;
    if (kind === "list") throw new Unpasteable();
    const paths = inputPaths(line, of, where);
    if (paths.length > PASTED) throw new Unpasteable();
    return kind === "input" ? paths[0]! : paths;
  };
  try {
    const inFolder = (path: string) => (where && !path.startsWith("/") ? `${where.campaignDir}/${path}` : path);
    const words = argv
      .flatMap((argument) => fillArgument(codeArgument(argument, stage.code, inFolder), resolve))
      .map(quoted);
    const env =
      stage.run.kind === "command"
        ? Object.entries(stage.run.env).map(([name, value]) => quoted(`${name}=${value}`))
        : [];
    const folders = Object.keys(line.outputs).map((name) => quoted(`${SCRATCH}/out/${name}`));
    const home = where ? ` CMC_CAMPAIGN_DIR=${quoted(where.campaignDir)}` : "";
    // As in a worker, the working directory is the staging directory.
    const before = [
      `export CMC_STAGING=$(mktemp -d)${home}`,
      ...(folders.length > 0 ? [`mkdir -p ${folders.join(" ")}`] : []),
      `cd "$CMC_STAGING"`,
    ];
    return [...before, [...(env.length > 0 ? ["env", ...env] : []), ...words].join(" ")].join(" && ");
  } catch (error) {
    if (error instanceof Unpasteable) return undefined;
    throw error;
  }
}

class Unpasteable extends Error {}

/** Stands for the scratch folder until words are quoted; no path holds a NUL. */
const SCRATCH = "\0";

function inputPaths(line: JobLine, port: string, where: Whereabouts | undefined): string[] {
  const input = line.inputs[port];
  if (!input) return [`<input:${port}>`];
  const below = (folder: string | undefined, path: string) =>
    folder === undefined || path.startsWith("/") ? path : `${folder}/${path}`;
  if (input.kind === "edge") return input.elements.map((element) => below(where?.root, element.path));
  return (input.kind === "file" ? [input.path] : input.paths).map((path) => below(where?.campaignDir, path));
}

/** For a POSIX shell. */
export function quoted(word: string): string {
  return word
    .split(SCRATCH)
    .map((part) => (/^[\w@%+=:,./-]*$/.test(part) ? part : `'${part.replaceAll("'", `'\\''`)}'`))
    .join(`"$CMC_STAGING"`) || "''"; // prettier-ignore
}
