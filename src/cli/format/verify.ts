// What a verification found, as text: a line a stage, what is not as it should be, strangers' files, and what to do. Pure.
import type { Deep } from "../../apply/verify-deep.ts";
import type { Recording } from "../../apply/verify-record.ts";
import type { Survey } from "../../apply/verify.ts";
import type { Palette } from "../../diagnostics/palette.ts";
import { countVerdicts, type Finding, type Judgement, VERDICTS, type Verdict } from "../../verify/judge.ts";
import { type Stray, type StrayKind, strayFolders } from "../../verify/strays.ts";
import { padEnd, padStart } from "./columns.ts";
import { detailText } from "./detail.ts";
import { bytes, count } from "./quantity.ts";

export interface Verification {
  readonly seen: Survey;
  /** With what was read, if anything was. */
  readonly judgement: Judgement;
  readonly deep?: Deep;
  /** Absent: not looked for. */
  readonly strays?: readonly Stray[];
  readonly recording?: Recording;
}

export interface VerifyLook {
  readonly palette: Palette;
  /** All findings. */
  readonly verbose: boolean;
  /** All stray files. */
  readonly foreign: boolean;
  /** Of the selection; "" for all. */
  readonly selection: string;
}

export const VERDICT_TEXT: Readonly<Record<Exclude<Verdict, "none" | "ok">, string>> = {
  busy: "at work, not judged",
  missing: "missing",
  files: "with other files inside",
  size: "of another size",
  mtime: "of another time",
  content: "of other content",
  invalid: "no longer valid",
  unreadable: "unreadable",
};

const SHOWN = 5;

/** Ends with a newline. */
export function formatVerification(verification: Verification, look: VerifyLook): string {
  const { seen, judgement } = verification;
  const { campaign } = seen.table;
  const counts = countVerdicts(judgement.verdict);
  const { ok, none, busy } = counts;
  const judged = judgement.verdict.length - none - busy;
  const selection = look.selection === "" ? "" : ` of ${look.selection}`;
  const head = `${look.palette.bold(`${campaign.name} ${campaign.version}`)}  ${count(ok)} of ${results(judged)}${selection} ${judged === 1 ? "is" : "are"} as the receipts say  ${look.palette.dim(seen.root)}`;
  const lines = [head, "", ...stageLines(verification, look), ""];
  if (seen.live) lines.push(`A run is in progress: ${busy === 0 ? "results it makes meanwhile are not judged" : `${results(busy)} at work ${busy === 1 ? "was" : "were"} not judged`}.`, ""); // prettier-ignore
  lines.push(
    ...findingLines(judgement, look),
    ...deepLines(verification),
    ...strayLines(verification.strays ?? [], look),
  );
  lines.push(...nextLines(verification));
  return `${lines.join("\n").trimEnd()}\n`;
}

function results(number: number): string {
  return `${count(number)} ${number === 1 ? "result" : "results"}`;
}

function stageLines({ seen, judgement }: Verification, { palette }: VerifyLook): string[] {
  const width = Math.max(...seen.table.stages.map(({ stage }) => stage.name.length));
  return seen.table.stages.flatMap(({ stage, first, count: jobs }) => {
    const counts = countVerdicts(judgement.verdict.subarray(first, first + jobs));
    const judged = jobs - counts.none - counts.busy;
    if (judged + counts.busy === 0) return [];
    const rest = VERDICTS.flatMap((name) => {
      if (name === "none" || name === "ok" || counts[name] === 0) return [];
      return [(name === "busy" ? palette.dim : palette.red)(`${count(counts[name])} ${VERDICT_TEXT[name]}`)];
    });
    const whole = `${padStart(count(counts.ok), 6)} of ${count(judged)}`;
    return [`  ${padEnd(stage.name, width)}  ${whole}${rest.length > 0 ? `  ${rest.join(", ")}` : ""}`];
  });
}

function findingLines({ findings }: Judgement, { palette, verbose }: VerifyLook): string[] {
  if (findings.size === 0) return [];
  const rows = [...findings].sort(([a], [b]) => a - b);
  const shown = verbose ? rows : rows.slice(0, SHOWN);
  const more = rows.length - shown.length;
  return [
    palette.bold("Not as their receipts say"),
    ...shown.flatMap(([, found]) => found.map((one) => `  ${findingText(one)}`)),
    ...(more > 0 ? [palette.dim(`  and ${results(more)} more: -v lists all`)] : []),
    "",
  ];
}

function findingText({ what, ...finding }: Finding): string {
  if (what === "unreadable") return `${finding.path} cannot be read: ${finding.new}`;
  return detailText({ type: "output", what, ...finding });
}

function deepLines({ deep }: Verification): string[] {
  if (!deep) return [];
  const { hashed, bytes: read, taken, resumed, validated, undigested, sameContent, lost } = deep;
  const lines: string[] = [];
  if (hashed + taken > 0) {
    const earlier = resumed === undefined ? "by the last --deep" : "by the verification that was interrupted (--restart begins anew)"; // prettier-ignore
    const before = taken > 0 ? `; ${count(taken)} had been read ${earlier}` : "";
    lines.push(
      `Contents: ${count(hashed)} ${hashed === 1 ? "output" : "outputs"} read and compared, ${bytes(read)}${before}.`,
    );
  }
  if (validated > 0) lines.push(`Validators: ${results(validated)} validated again.`);
  if (undigested > deep.digests.length)
    lines.push(`${results(undigested)} without recorded digests: contents not compared (\`outputs: { digests: true }\` in the campaign, or --deep --record "because...").`); // prettier-ignore
  if (sameContent > 0)
    lines.push(`${results(sameContent)} of another time ${sameContent === 1 ? "has" : "have"} the content recorded: restored without ${sameContent === 1 ? "its" : "their"} time.`); // prettier-ignore
  if (lost !== undefined) lines.push(`If it is interrupted it cannot be gone on with: ${lost}.`);
  return lines.length > 0 ? [...lines, ""] : [];
}

const STRAY_TEXT: Readonly<Record<StrayKind, string>> = {
  foreign: "Foreign files: no result accounts for them; cmc leaves them alone",
  "left-behind": "Left behind by jobs that are no longer in the campaign",
  earlier: "Of earlier results, at other paths than now",
};

function strayLines(strays: readonly Stray[], { palette, foreign }: VerifyLook): string[] {
  const kinds = Object.keys(STRAY_TEXT) as StrayKind[];
  return kinds.flatMap((kind) => {
    const some = strays.filter((stray) => stray.kind === kind);
    if (some.length === 0) return [];
    const sum = some.reduce((total, stray) => total + stray.bytes, 0);
    const head = palette.bold(`${STRAY_TEXT[kind]} (${files(some.length)}, ${bytes(sum)})`);
    if (foreign) return [head, ...some.map((stray) => `  ${stray.path}${stray.key ? `  ${palette.dim(stray.key)}` : ""}`), ""]; // prettier-ignore
    const folders = strayFolders(some);
    const shown = folders.slice(0, SHOWN).map(({ folder, files: n, bytes: size, first }) => `  ${folder}/  ${files(n)}, ${bytes(size)}: ${first}${n > 1 ? " ..." : ""}`); // prettier-ignore
    const more = folders.length > SHOWN ? [palette.dim(`  and ${count(folders.length - SHOWN)} more folders`)] : [];
    return [head, ...shown, ...more, palette.dim("  --foreign lists all"), ""];
  });
}

function files(number: number): string {
  return `${count(number)} ${number === 1 ? "file" : "files"}`;
}

function nextLines({ judgement, deep, recording, seen }: Verification): string[] {
  const lines: string[] = [];
  const { doubted = 0, withdrawn = 0, restored = 0, digests = 0 } = recording ?? {};
  if (doubted > 0)
    lines.push(
      `Recorded: ${results(doubted)} doubted. The plan runs ${doubted === 1 ? "it" : "them"} again (output_invalid).`,
    );
  if (withdrawn > 0) lines.push(`Recorded: ${results(withdrawn)} no longer doubted.`);
  if (restored > 0) lines.push(`Recorded: ${results(restored)} with the content recorded, restored with another time. The plan keeps ${restored === 1 ? "it" : "them"}.`); // prettier-ignore
  if (digests > 0) lines.push(`Recorded: digests of ${results(digests)}, as they are now.`);
  const unsaid = recording || !deep ? [] : deep.verified.filter(({ outputs }) => outputs.length > 0);
  if (unsaid.length > 0)
    lines.push(`The plan does not see ${unsaid.length === 1 ? "this result" : `${count(unsaid.length)} of these`}: \`cmc verify --write\` records what was found, so that it runs again.`); // prettier-ignore
  const same = recording || !deep ? 0 : deep.sameContent;
  if (same > 0) lines.push(`\`cmc verify --write\` records that ${results(same)} ${same === 1 ? "has" : "have"} the content recorded, so that the plan keeps ${same === 1 ? "it" : "them"}.`); // prettier-ignore
  const { missing, files: inside, size, mtime } = countVerdicts(judgement.verdict);
  if (missing + inside + size + mtime - same - restored > 0)
    lines.push("Next: `cmc plan` shows what runs again because it is missing or changed. Files restored with their times (`cp -p`, `rsync -t`) count as they were."); // prettier-ignore
  else if (seen.state.verified.size > 0 && doubted + unsaid.length === 0 && judgement.findings.size > 0)
    lines.push("Next: `cmc plan` shows what runs again.");
  return lines;
}
