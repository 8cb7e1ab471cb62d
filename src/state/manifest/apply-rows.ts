// Rows of the manifest about applies: one a run with where it came from, and what each set out to do. No SQL but the order of values, which schema.ts gives.
import { canonicalJson } from "../../ir/canonical.ts";
import type { State } from "../reduce.ts";
import { tallyRuns } from "../run-tally.ts";
import type { Builder } from "./database.ts";
import { time } from "./time.ts";

export function applyRows(builder: Builder, state: State): void {
  const insert = builder.table("applies");
  const planned = builder.table("planned");
  const tallies = tallyRuns(state);
  for (const { run, start, end, cancel } of [...state.runs.values()].sort((a, b) => (a.run < b.run ? -1 : 1))) {
    const { facts } = start ?? {};
    const { git, lockFile, counts } = facts ?? {};
    const tally = tallies.get(run);
    const of = (...actions: readonly string[]) => counts && actions.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
    const json = (value: Parameters<typeof canonicalJson>[0] | undefined) => value === undefined ? null : canonicalJson(value); // prettier-ignore
    insert([
      run, time(start?.at), time(end?.at), end?.outcome ?? null, start?.user ?? null, start?.host ?? null, facts?.site ?? null,
      git?.commit ?? null, git?.branch ?? null, git?.changes ?? null, git?.diffDigest ?? null, start?.campaignDigest ?? null,
      start?.bundle ?? null, facts?.bundleDir ?? null, start?.toolVersion ?? null, facts?.node ?? null, lockFile?.path ?? null, lockFile?.sha256 ?? null,
      json(facts?.command), json(facts?.variables), json(facts?.options), start?.jobs ?? null,
      of("create") ?? null, of("rerun") ?? null, of("retry") ?? null, of("adopt") ?? null, of("move") ?? null, of("block", "hold") ?? null, of("forget") ?? null,
      of("keep", "wait") ?? null, tally?.done ?? null, tally?.failed ?? null, cancel?.user ?? null, cancel?.reason ?? null,
    ]); // prettier-ignore
    for (const { stage, action, reason, count } of facts?.groups ?? []) planned([run, stage, action, reason, count]);
  }
}
