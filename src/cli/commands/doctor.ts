// cmc doctor: is this machine fit to run campaigns? Looks and tries; leaves nothing behind.
import { existsSync, mkdtempSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { EXIT } from "../../diagnostics/exit.ts";
import { gitFacts } from "../../observe/git.ts";
import type { Context } from "../context.ts";
import { bytes } from "../format/quantity.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

export async function doctor(
  context: Context,
  campaign: string | undefined,
  options: CampaignOptions,
): Promise<number> {
  const findings = [nodeVersion(), machine(), lister(context)];
  if (campaign !== undefined) findings.push(...(await campaignFindings(context, campaign, options)));
  const bad = findings.some((finding) => !finding.ok);
  if (options.json)
    printJson(context, "doctor", findings.map((finding) => ({ type: "finding", ...finding }))); // prettier-ignore
  else context.out(findings.map((finding) => line(context, finding)).join(""));
  return bad ? EXIT.error : EXIT.ok;
}

function line({ palette }: Context, { check, ok, detail, remedy }: Finding): string {
  const mark = ok ? palette.green("ok  ") : palette.red("FAIL");
  return `${mark} ${check}: ${detail}${remedy ? `\n     remedy: ${remedy}` : ""}\n`;
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    check: "node",
    ok,
    detail: `${process.version} at ${process.execPath}`,
    ...(ok ? {} : { remedy: "Install Node 20.19 or newer." }),
  };
}

function machine(): Finding {
  return {
    check: "machine",
    ok: true,
    detail: `${availableParallelism()} processors, ${bytes(totalmem())} memory, ${bytes(freemem())} free`,
  };
}

/** GNU find makes output listings several times cheaper; without it directories are read in-process. */
function lister(context: Context): Finding {
  const found = (context.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, "find")));
  return {
    check: "find",
    ok: true,
    detail: found
      ? "present: directories are listed by one process"
      : "absent: directories are listed in-process (slower)",
  };
}

async function campaignFindings(context: Context, campaign: string, options: CampaignOptions): Promise<Finding[]> {
  const { root, ir, campaignDir } = await openCampaign(context, campaign, options);
  const findings: Finding[] = [
    { check: "campaign", ok: true, detail: `${ir.name} ${ir.version}, ${ir.stages.length} stages` },
  ];
  let folder = root;
  while (!existsSync(folder)) folder = dirname(folder);
  findings.push(tryRename(folder, root));
  const { bavail, bsize } = statfsSync(folder);
  findings.push({ check: "space", ok: true, detail: `${bytes(bavail * bsize)} free at ${root}` });
  const git = await gitFacts(campaignDir);
  const detail = git
    ? `commit ${git.commit?.slice(0, 10) ?? "none yet"}${git.dirty.length > 0 ? `, ${git.dirty.length} uncommitted changes` : ", clean"}`
    : "not in a git repository: no provenance by commit";
  findings.push({ check: "git", ok: true, detail });
  return findings;
}

/** Publishing is by rename: it must work where the campaign root is, or will be. */
function tryRename(folder: string, root: string): Finding {
  try {
    const trial = mkdtempSync(join(folder, ".cmc-doctor-"));
    try {
      writeFileSync(join(trial, "a"), "a");
      renameSync(join(trial, "a"), join(trial, "b"));
    } finally {
      rmSync(trial, { recursive: true, force: true });
    }
    return { check: "root", ok: true, detail: `${root} is writable` };
  } catch (error) {
    return {
      check: "root",
      ok: false,
      detail: `${root}: ${(error as Error).message}`,
      remedy: "Check permissions, or use --base DIR.",
    };
  }
}
