// Looks into published outputs: contents against recorded digests, validators once more. Goes on where an earlier one was interrupted.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fail } from "../diagnostics/diagnostic.ts";
import type { CheckFact } from "../state/receipt.ts";
import {
  type Candidate,
  type Candidates,
  candidatesOf,
  type Content,
  contentLooks,
  freshDigests,
  sameContent,
} from "../verify/candidates.ts";
import { lastDigests, openDeepLog } from "../verify/deep-log.ts";
import { type Judgement, verdictAt, withFindings } from "../verify/judge.ts";
import { askThreads, type Threads } from "../verify/threads.ts";
import { type Validation, validationsOf, validationLooks } from "../verify/validation.ts";
import { outcomeOf, type Look } from "../verify/looks.ts";
import { folderFact, mtimeText, statFile } from "../worker/file-fact.ts";
import { distPath } from "./bundle.ts";
import type { Survey } from "./verify.ts";
import type { Found } from "./verify-record.ts";

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface DeepOptions {
  /** contents: all that have a digest; suspects: what an earlier verification found wrong, and what is doubted. Absent: none. */
  readonly read?: "contents" | "suspects";
  /** Also contents without a digest, to record them. */
  readonly record: boolean;
  readonly validate: boolean;
  readonly restart: boolean;
  /** As typed. */
  readonly selection: string;
  readonly jobs: number;
  readonly stop: AbortSignal;
  readonly now: () => number;
  readonly onProgress: (progress: Progress) => void;
}

export interface Deep extends Found {
  readonly judgement: Judgement;
  /** Outputs that were read now, their bytes, and those an earlier verification had read. */
  readonly hashed: number;
  readonly bytes: number;
  readonly taken: number;
  /** Results whose validators ran. */
  readonly validated: number;
  /** Results with outputs whose content nobody has recorded. */
  readonly undigested: number;
  /** Results of another time with the content that was recorded. */
  readonly sameContent: number;
  /** Outputs that were not come to. */
  readonly left: number;
  /** Since when: a verification that was interrupted was gone on with. */
  readonly resumed?: number;
  /** Why the next one cannot go on where this one ends. */
  readonly lost?: string;
  /** What was found is dealt with: the next one begins anew. */
  finish(): void;
}

/** Reads contents. Nothing is written but metadata/verify.ndjson. */
export async function readDeep(seen: Survey, options: DeepOptions): Promise<Deep> {
  const { state, roster, judgement, root } = seen;
  const { stop, jobs: lanes, restart, selection, now } = options;
  const threads: Threads = { lanes, worker: workerUrl(), stop };
  const { outputs, undigested, known } = chosen(seen, options);
  const log = options.read === "contents" ? openDeepLog(root, { selection, restart, now: now() }) : undefined;
  try {
    const contents = outputs.map((output): Content | undefined => contentOf(known(output) ?? log?.known(output)));
    const taken = contents.filter(Boolean).length;
    const validations = options.validate ? validationsOf(seen.table, root, roster, judgement, (path) => seen.records.output(path)) : []; // prettier-ignore
    const meter = new Meter(outputs, contents, validations, options.onProgress);
    await hash(root, outputs, contents, threads, (place) => {
      const content = contents[place];
      if (content && "sha256" in content) log?.add(outputs[place]!, content.sha256);
      meter.add(outputs[place]!.size);
    });
    const looks = [...contentLooks(outputs, contents), ...(await validate(validations, threads, meter))];
    const { news, verified } = outcomeOf(state, roster, judgement, looks);
    const after = withFindings(judgement, news);
    const { hashed, bytes, left, validated } = meter;
    return {
      judgement: after, verified, digests: freshDigests(outputs, contents, after), sameContent: sameContent(outputs, contents, after),
      hashed, bytes, taken, validated, undigested, left,
      ...(log?.resumed === undefined ? {} : { resumed: log.resumed }),
      ...(log?.lost === undefined ? {} : { lost: log.lost }),
      finish: () => (log?.finish(now()), log?.close()),
    }; // prettier-ignore
  } catch (error) {
    log?.close();
    throw error;
  }
}

function contentOf(sha256: string | undefined): Content | undefined {
  return sha256 === undefined ? undefined : { sha256 };
}

interface Chosen extends Candidates {
  /** What need not be read again. */
  known(output: Candidate): string | undefined;
}

/**
 * Suspects: contents that the last deep verification found to be others, and what somebody has written down as doubtful, are looked
 * at once more; they are few. What it found to be the content recorded, under another time, is believed: a whole folder may be restored.
 */
function chosen({ state, roster, judgement, records, root }: Survey, { read, record: all }: DeepOptions): Chosen {
  const none = (): undefined => undefined;
  if (read === undefined) return { outputs: [], undigested: 0, known: none };
  const output = (path: string) => records.output(path);
  const candidates = candidatesOf({ state, roster, judgement, output, all });
  if (read === "contents") return { ...candidates, known: none };
  const last = lastDigests(root);
  const proven = (one: Candidate) => verdictAt(judgement, one.row) === "mtime" && last(one) === one.expected;
  const isSuspect = (one: Candidate): boolean => {
    const found = last(one);
    if (found !== undefined && (found !== one.expected || proven(one))) return true;
    return state.verified.get(one.attemptId)?.outputs.some(({ name }) => name === one.name) ?? false;
  };
  const outputs = candidates.outputs.filter(isSuspect);
  return { outputs, undigested: 0, known: (one) => (proven(one) ? one.expected : undefined) };
}

async function hash(
  root: string,
  outputs: readonly Candidate[],
  contents: (Content | undefined)[],
  threads: Threads,
  read: (place: number) => void,
): Promise<void> {
  const unread = outputs.flatMap((_, i) => (contents[i] ? [] : [i]));
  const order = (i: number) => {
    const { path, folder } = outputs[unread[i]!]!;
    return { type: "digest" as const, outputs: [{ path: join(root, path), folder }] };
  };
  await askThreads(unread.length, order, threads, (i, reply) => {
    const place = unread[i]!;
    if (reply.type === "digested") contents[place] = meant(root, outputs[place]!, reply.digests[0]!);
    else if (reply.type === "threw") contents[place] = { unreadable: reply.code ?? reply.message, gone: reply.code === "ENOENT" }; // prettier-ignore
    read(place);
  });
}

/** A digest that is not the one recorded is believed of a file that is as the listing had it: jobs may have run again since. */
function meant(root: string, { path, folder, size, mtime, expected }: Candidate, sha256: string): Content | undefined {
  if (sha256 === expected) return { sha256 };
  const now = folder ? folderFact(join(root, path)) : statFile(join(root, path));
  if (!now) return undefined;
  const time = "mtimeNs" in now ? mtimeText(now.mtimeNs) : now.mtime;
  return Number(now.size) === size && time === mtime ? { sha256 } : undefined;
}

async function validate(validations: readonly Validation[], threads: Threads, meter: Meter): Promise<Look[]> {
  const looks: Look[] = [];
  const said = (validation: Validation, content: readonly CheckFact[]) => {
    looks.push(...validationLooks(validation, [...validation.sizes, ...content]));
    meter.add(validation.bytes, true);
  };
  const asked = validations.filter(({ content }) => content.length > 0);
  const order = (i: number) => ({ type: "check" as const, checks: asked[i]!.content });
  for (const validation of validations) if (validation.content.length === 0) said(validation, []);
  await askThreads(asked.length, order, threads, (i, reply) => {
    if (reply.type === "checked") said(asked[i]!, reply.facts);
    else throw new Error(`a validator failed: ${reply.type === "threw" ? reply.message : reply.type}`);
  });
  return looks;
}

class Meter {
  hashed = 0;
  validated = 0;
  bytes = 0;
  private readonly total: number;
  private readonly totalBytes: number;

  constructor(
    outputs: readonly Candidate[],
    contents: readonly (Content | undefined)[],
    validations: readonly Validation[],
    private readonly told: (progress: Progress) => void,
  ) {
    const unread = outputs.filter((_, i) => !contents[i]);
    const sum = (of: readonly number[]) => of.reduce((a, b) => a + b, 0);
    this.total = unread.length + validations.length;
    this.totalBytes = sum(unread.map(({ size }) => size)) + sum(validations.map(({ bytes }) => bytes));
  }

  get left(): number {
    return this.total - this.hashed - this.validated;
  }

  add(bytes: number, validated = false): void {
    if (validated) this.validated += 1;
    else this.hashed += 1;
    this.bytes += bytes;
    this.told({
      done: this.hashed + this.validated,
      total: this.total,
      bytes: this.bytes,
      totalBytes: this.totalBytes,
    });
  }
}

function workerUrl(): URL {
  const file = distPath("worker.mjs");
  if (file !== undefined) return pathToFileURL(file);
  return fail({ code: "apply/worker", message: "dist/worker.mjs is not there", remedy: "Run `npm run build`." });
}
