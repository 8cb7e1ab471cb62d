// cmc doctor: is this machine, or a site from here, fit to run campaigns? Looks and tries; leaves nothing behind.
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { checkSite, type Finding } from "../../apply/checkup.ts";
import { slurmClient } from "../../apply/cluster.ts";
import type { Compiled } from "../../compile/compile.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { campaignGit } from "../../apply/campaign-git.ts";
import { loadSite } from "../../site/load.ts";
import type { Context } from "../context.ts";
import { bytes } from "../format/quantity.ts";
import { printJson } from "../json-output.ts";
import { locateCampaign } from "../locate.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

interface DoctorOptions extends CampaignOptions {
  readonly site?: string;
}

export async function doctor(context: Context, campaign: string | undefined, options: DoctorOptions): Promise<number> {
  const findings = [nodeVersion(), machine(), lister(context)];
  const compiled = campaign !== undefined || inReach(context) ? await openCampaign(context, campaign, options) : undefined; // prettier-ignore
  if (compiled) findings.push(...(await campaignFindings(compiled)));
  const site = options.site === undefined ? undefined : await loadSite(options.site, context.cwd);
  const place = { client: slurmClient(site), path: context.env["PATH"] ?? "", ...(compiled ? { root: compiled.root } : {}) }; // prettier-ignore
  const checkup = site && (await checkSite(site, place));
  findings.push(...(checkup?.findings ?? []));
  const bad = findings.some((finding) => !finding.ok);
  if (options.json)
    printJson(context, findings.map((finding) => ({ type: "finding", ...finding }))); // prettier-ignore
  else context.out(findings.map((finding) => line(context, finding)).join(""));
  if (checkup?.unreachable) return EXIT.unreachable;
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

/** A machine may be looked at before there is a campaign. */
function inReach({ cwd }: Context): boolean {
  try {
    return locateCampaign(cwd, undefined) !== "";
  } catch {
    return false;
  }
}

async function campaignFindings({ root, ir, campaignDir }: Compiled): Promise<Finding[]> {
  const findings: Finding[] = [
    { check: "campaign", ok: true, detail: `${ir.name} ${ir.version}, ${ir.stages.length} stages` },
  ];
  let folder = root;
  while (!existsSync(folder)) folder = dirname(folder);
  findings.push(writable(folder, root));
  const { bavail, bsize } = statfsSync(folder);
  findings.push({ check: "space", ok: true, detail: `${bytes(bavail * bsize)} free at ${root}` });
  const git = await campaignGit({ campaignDir, root });
  const detail = git
    ? `commit ${git.commit?.slice(0, 10) ?? "none yet"}${git.dirty.length > 0 ? `, ${git.dirty.length} uncommitted changes` : ", clean"}`
    : "not in a git repository: no provenance by commit";
  findings.push({ check: "git", ok: true, detail });
  return findings;
}

/** Asked, not tried: a trial file would change the folder's time, and doctor leaves nothing behind. */
function writable(folder: string, root: string): Finding {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return { check: "root", ok: true, detail: `${root} is writable` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EROFS" ? "the file system is read-only" : code === "EACCES" ? "permission denied" : code;
    const detail = `${root} cannot be written: ${why}`;
    return { check: "root", ok: false, detail, remedy: "Check permissions, or use --base DIR." };
  }
}
