// One detail as one line of text: `params.seed: 17 -> 18`.
import { grouped } from "../../plan/grouped.ts";
import type { Detail, Gathered } from "../../plan/types.ts";
import { moment } from "./amount.ts";
import { bytes } from "./quantity.ts";

export function detailText(detail: Detail, files: readonly string[] = []): string {
  switch (detail.type) {
    case "field":
      return detail.field === "code"
        ? codeText(detail, files)
        : `${detail.path}: ${side(detail.old)} -> ${side(detail.new)}`;
    case "output":
      return `${detail.path} ${fileText(detail)}`;
    case "input":
      return `${detail.port}: ${detail.path} ${fileText(detail)}`;
    case "upstream":
      return `upstream ${detail.key} (${detail.why})`;
    case "attempt":
      return `attempt ${detail.attempt}, ${detail.class}: ${detail.message}`;
    case "moved":
      return `was ${detail.key}`;
    case "found":
      return `there without a receipt: ${detail.paths.slice(0, 2).join(", ")}${detail.paths.length > 2 ? ` and ${detail.paths.length - 2} more` : ""}`;
    case "group":
      return `${detail.label}: ${grouped(detail.present)} of ${grouped(detail.expected)} there${detail.needed === detail.expected ? "" : `, ${grouped(detail.needed)} needed`}`;
    case "quorum":
      return quorumText(detail);
    case "narrowed":
    case "note":
      return detail.text;
  }
}

/** Keys of a fan-in that are named; the rest are counted. */
const NAMED = 5;

function quorumText({ port, stage, used, of, arrived, coming, lost }: Gathered): string {
  const named = (what: string, keys: readonly string[]) =>
    keys.length === 0
      ? ""
      : `; ${what}: ${keys.slice(0, NAMED).join(", ")}${keys.length > NAMED ? ` and ${grouped(keys.length - NAMED)} more` : ""}`;
  return `${port}: made from ${grouped(used)} of ${grouped(of)} jobs of ${stage}${named("arrived since", arrived)}${named("made by this plan", coming)}${named("cannot be made again", lost)}`;
}

/** Longest value shown of a parameter: a list of a thousand numbers is not read in a plan. */
const LONG = 60;

/** A content digest is told from another one by its beginning. */
const CONTENT = /(sha256:[0-9a-f]{12})[0-9a-f]{52}/g;

function side(text: string | undefined): string {
  if (text === undefined) return "(none)";
  const short = text.replace(CONTENT, "$1…");
  return short.length > LONG ? `${short.slice(0, LONG - 1)}…` : short;
}

function codeText(detail: Detail & { type: "field" }, files: readonly string[]): string {
  const changed =
    files.length > 0
      ? `, in ${files.slice(0, 3).join(", ")}${files.length > 3 ? ` and ${files.length - 3} more` : ""}`
      : ` (${side(detail.old)} -> ${side(detail.new)})`;
  return `code: ${detail.path}${changed}`;
}

function fileText({ what, old, new: now }: Detail & { type: "output" | "input" }): string {
  switch (what) {
    case "missing":
      return old ? `is not there; it was ${old}` : now ? `is ${now}` : "is not there";
    case "moved":
      return `is ${old} now`;
    case "size":
      return sizeText(Number(old), Number(now));
    case "mtime":
      return timeText(old ?? "0", now ?? "0");
    case "files":
      return `has ${grouped(Number(now))} ${now === "1" ? "file" : "files"}, had ${grouped(Number(old))}`;
    case "invalid":
      return `is no longer valid: ${now ?? "a validator refuses it"}`;
    case "content":
      return `has other content: ${side(old)} -> ${side(now)}`;
    case "version":
      return `version: ${JSON.stringify(old)} -> ${JSON.stringify(now)}`;
    case "added":
      return "was added";
    case "removed":
      return "was removed";
  }
}

function sizeText(old: number, now: number): string {
  const [was, is] = [bytes(old), bytes(now)];
  return was === is ? `has ${grouped(now)} bytes, had ${grouped(old)}` : `has ${is}, had ${was}`;
}

function timeText(old: string, now: string): string {
  const [was, is] = [moment(old), moment(now)];
  return was === is ? `was written again within the second ${is}` : `was written at ${is}, not at ${was}`;
}
