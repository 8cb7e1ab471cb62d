// metadata/provenance.json as a value: every apply and where it came from, as the journal says. Pure; how a run came out is in the database and in `cmc history`.
import { type RunState, runsByTime } from "./run-state.ts";

/** Of an earlier cmc, which kept these facts in the file alone. */
export type OlderRecord = Readonly<Record<string, unknown>> & { readonly run: string };

/** Oldest first. Where the journal has an apply without its facts, an older file's record of it stands in. */
export function provenanceOf(
  campaign: { readonly name: string; readonly version: string },
  runs: Iterable<RunState>,
  older: readonly OlderRecord[] = [],
): object {
  const applies = runsByTime(runs)
    .reverse()
    .flatMap((run) => applyRecord(run, older) ?? []);
  return { campaign: campaign.name, version: campaign.version, applies };
}

function applyRecord({ run, start }: RunState, older: readonly OlderRecord[]): object | undefined {
  if (!start) return undefined;
  const { at, campaignDigest, bundle, toolVersion, user, host, jobs, plan, facts } = start;
  const head = {
    run,
    at: new Date(at).toISOString(),
    campaignDigest,
    bundle,
    tool: `cmc ${toolVersion}`,
    user,
    host,
    jobs,
    ...(plan === undefined ? {} : { plan }),
  };
  if (!facts) return older.find((record) => record.run === run) ?? head;
  const { site, node, platform, git, lockFile, variables, options, counts } = facts;
  return {
    ...head,
    node,
    platform,
    site,
    command: ["cmc", ...facts.command],
    ...(git ? { git } : {}),
    ...(lockFile ? { lockFile } : {}),
    variables,
    options,
    planned: counts,
  };
}
