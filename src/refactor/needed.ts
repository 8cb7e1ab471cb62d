// Whether results depend on the old name: an attempt was made under it, or an earlier entry leads to it. Pure.
import type { AddressIR, CampaignIR } from "../ir/campaign.ts";
import { keyStage, keyValue } from "../ir/key.ts";
import type { State } from "../state/reduce.ts";
import { concerns, entryOf, type Rename } from "./address.ts";

export function needsEntry(rename: Rename, { stages, moved = [] }: CampaignIR, { jobs }: Pick<State, "jobs">): boolean {
  const names = new Set(stages.filter((stage) => concerns(rename, stage)).map(({ name }) => name));
  const { from } = entryOf(rename);
  if (moved.some(({ to }) => leadsTo(to, from))) return true;
  for (const [key, { attempts }] of jobs)
    // Before a move is applied, results stand under names that other entries lead from: one entry too many does no harm.
    if (attempts.length > 0 && (moved.length > 0 || (names.has(keyStage(key)) && isMeant(rename, key)))) return true;
  return false;
}

function isMeant(rename: Rename, key: string): boolean {
  if (rename.kind !== "value") return true;
  const pair = `${rename.axis}=${keyValue(rename.from)}`;
  return [`[${pair}]`, `[${pair},`, `,${pair}]`, `,${pair},`].some((text) => key.includes(text));
}

/** The earlier entry names what is renamed now. */
function leadsTo(to: AddressIR, from: AddressIR): boolean {
  if (from.output !== undefined) return to.output === from.output && to.stage === from.stage;
  if (from.axis !== undefined) return to.axis === from.axis || Object.hasOwn(to.at ?? {}, from.axis);
  if (from.at !== undefined)
    return Object.entries(from.at).some(([axis, value]) => to.axis === axis || to.at?.[axis] === value);
  return to.stage === from.stage;
}
