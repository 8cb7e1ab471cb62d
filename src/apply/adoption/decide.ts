// What an adoption would do: which files are brought where, which jobs are adopted, and why the others are not. Reads the disk, changes nothing.
import { lstatSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { keyOfRow, stageOfRow } from "../../expand/table.ts";
import { plan } from "../../plan/plan.ts";
import { ACTIONS, type Observations, REASONS, type SeenOutput } from "../../plan/types.ts";
import type { State } from "../../state/reduce.ts";
import { EVERYTHING, type Planned, policyOf } from "../planning.ts";
import { oddity, type Parcel, standing, type Way } from "./bring.ts";
import type { Mapping } from "./mapping.ts";
import { match } from "./match.ts";
import { sourcesOf } from "./sources.ts";

/** A file, or folder, of a job that is meant. */
export interface Delivery extends Parcel {
  readonly row: number;
  /** `mock.catalog` */
  readonly output: string;
  /** `own`: nothing is to be brought, and nothing taken away. */
  readonly stands: "absent" | "own" | "brought";
}

export interface PassedOver {
  readonly key: string;
  readonly why: string;
}

export interface Decision {
  /** In plan order. */
  readonly adopt: readonly { readonly row: number; readonly key: string; readonly deliveries: readonly Delivery[] }[];
  readonly passed: readonly PassedOver[];
  /** Files below the folders of the mappings that no job has; absolute, sorted. */
  readonly strays: readonly string[];
  /** Files of jobs that are not meant. */
  readonly others: number;
  /** `move`: originals of results that were adopted before; a kill left them. */
  readonly leftOver: readonly Delivery[];
}

export interface Asked {
  readonly root: string;
  /** Rows that are meant. */
  readonly rows: readonly number[];
  /** Empty: what lies at the declared places. */
  readonly mappings: readonly Mapping[];
  readonly way: Way;
}

export function decide(planned: Planned, asked: Asked): Decision {
  const { table, state, observations } = planned;
  const { deliveries, odd, strays, others } = deliveriesOf(planned, asked);
  const stages = new Set(asked.mappings.map(({ stage }) => stage));
  const rows = stages.size === 0 ? asked.rows : asked.rows.filter((row) => stages.has(stageOfRow(table, row)));
  const meant = new Set(rows.filter((row) => !odd.has(row) && (stages.size === 0 || deliveries.has(row))));
  const policy = policyOf(table, { ...EVERYTHING, adopt: true, adoptOnly: (row) => meant.has(row) });
  const then = plan(table, state, withDelivered(observations, asked.root, deliveries), policy);
  const adopt: Decision["adopt"][number][] = [];
  const passed: PassedOver[] = [];
  const leftOver: Delivery[] = [];
  for (const row of rows) {
    const key = keyOfRow(table, row);
    const own = deliveries.get(row) ?? [];
    if (ACTIONS[then.action[row]!] === "adopt") {
      adopt.push({ row, key, deliveries: own });
      continue;
    }
    const done = state.jobs.get(key)?.receipt?.adopted === true && ACTIONS[planned.plan.action[row]!] === "keep";
    if (asked.way === "move" && done) leftOver.push(...own.filter(({ stands }) => stands === "brought"));
    const note = then.details.get(row)?.find((detail) => detail.type === "note");
    const noteOf = REASONS[then.reason[row]!] === "excluded" && note?.type === "note" ? note.text : undefined;
    passed.push({ key, why: whyNot(planned, row, key) ?? odd.get(row) ?? noteOf ?? filesMissing(planned, row, asked, own.length > 0) }); // prettier-ignore
  }
  return { adopt, passed, strays, others, leftOver };
}

interface Found {
  readonly deliveries: ReadonlyMap<number, readonly Delivery[]>;
  /** Rows whose file cannot be brought, and why. */
  readonly odd: ReadonlyMap<number, string>;
  readonly strays: readonly string[];
  readonly others: number;
}

function deliveriesOf({ table, state }: Planned, { root, rows, mappings, way }: Asked): Found {
  const deliveries = new Map<number, Delivery[]>();
  const odd = new Map<number, string>();
  const seen = new Set<string>();
  const taken = new Set<string>();
  let others = 0;
  const meant = new Set(rows);
  const resultOf = way === "move" && mappings.length > 0 ? results(root, state) : () => undefined;
  for (const mapping of mappings) {
    const { stage, output, base, name } = mapping;
    const paths = sourcesOf(mapping);
    const found = match(mapping, paths, (row) => meant.has(row));
    others += found.others;
    const strays = new Set(found.strays);
    for (const path of paths) (strays.has(path) ? seen : taken).add(join(base, path));
    for (const [row, path] of found.files) {
      // A result is not brought again; its original may still have to go.
      if (way !== "move" && state.jobs.get(keyOfRow(table, row))?.receipt) continue;
      const to = join(root, stage.outputs[output]!.at(row - stage.first));
      const parcel = { from: join(base, path), to, folder: stage.stage.outputs[output]!.kind === "dir" };
      const stands = standing(parcel);
      const result = resultOf(parcel.from);
      const why = stands === "other" ? OCCUPIED : stands === "own" ? undefined : result ? `is not adopted: its file is the result of ${result}` : oddity(parcel, way); // prettier-ignore
      if (why !== undefined) odd.set(row, why);
      if (stands === "other") continue;
      deliveries.set(row, [...(deliveries.get(row) ?? []), { ...parcel, row, output: name, stands }]);
    }
  }
  const strays = [...seen].filter((path) => !taken.has(path)).sort();
  return { deliveries, odd, strays, others };
}

const OCCUPIED = "is not adopted: something else lies at its place";

/** Path below the root -> key of the job whose result it is; also of what lies in a folder that is one. */
function results(root: string, state: State): (path: string) => string | undefined {
  const owners = new Map<string, string>();
  for (const [key, { receipt }] of state.jobs) for (const { path } of receipt?.outputs ?? []) owners.set(path, key);
  if (owners.size === 0) return () => undefined;
  const home = realpathSync(root);
  return (path) => {
    for (let at = relative(home, realpathSync(path)); at !== "." && !at.startsWith(".."); at = dirname(at)) {
      const owner = owners.get(at);
      if (owner !== undefined) return owner;
    }
    return undefined;
  };
}

/** The disk as it will be once the files are brought. */
function withDelivered(before: Observations, root: string, deliveries: Found["deliveries"]): Observations {
  const coming = new Map<string, SeenOutput>();
  for (const own of deliveries.values())
    for (const { from, to, folder } of own) {
      const path = relative(root, to);
      coming.set(path, { path, size: folder ? 0 : lstatSync(realpathSync(from)).size, mtime: "0.0", ...(folder ? { files: 0 } : {}) }); // prettier-ignore
    }
  const { live, inFlight } = before;
  return {
    live,
    inFlight,
    output: (path) => before.output(path) ?? coming.get(path),
    input: (path) => before.input(path),
  };
}

/** As the plan has it without an adoption. */
function whyNot({ plan: now, state }: Planned, row: number, key: string): string | undefined {
  const action = ACTIONS[now.action[row]!];
  const reason = REASONS[now.reason[row]!];
  if (action === "keep") return "has a result already";
  if (action === "move") return "has a result that is to be moved: `cmc apply` does";
  if (action === "wait") return "is in progress";
  if (action === "hold" && (reason === "held" || reason === "unresolved"))
    return "is held: `cmc release` takes a block back";
  if (!state.jobs.get(key)?.receipt) return undefined;
  return `has a result that is out of date (${reason}) and is not replaced by what lies there; \`cmc accept\` keeps it`;
}

function filesMissing({ table, observations }: Planned, row: number, { mappings }: Asked, delivered: boolean): string {
  const stage = stageOfRow(table, row);
  const there = stage.outputs.some((column) => observations.output(column.at(row - stage.first)));
  if (there || delivered) return "does not have all its outputs";
  return mappings.length > 0 ? "has no file" : "has no file at its place";
}
