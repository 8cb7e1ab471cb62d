// Applies thresholds to the checks of every redshift: PASS, WARN or FAIL, with the number behind it. Thresholds are data.
import type { Gate } from "cmc";
import type { EnsembleRecord } from "../files/ensemble-record.ts";

export type Level = "PASS" | "WARN" | "FAIL";

export interface Judgement {
  readonly level: Level;
  readonly gate: string;
  readonly redshift: number;
  /** NaN when the metric is missing. */
  readonly value: number;
  /** The threshold as text, `<= 0.05`. */
  readonly limit: string;
  readonly description: string;
}

/** A missing or non-finite metric fails its gate: silence is not a pass. */
export function judge(records: readonly EnsembleRecord[], gates: Readonly<Record<string, Gate>>): Judgement[] {
  return records.flatMap(({ redshift, checks }) =>
    Object.entries(gates).map(([name, gate]): Judgement => {
      const value = checks[gate.metric] ?? NaN;
      const { min = -Infinity, max = Infinity } = gate;
      const inside = value >= min && value <= max && (gate.equals === undefined || value === gate.equals);
      const level = Number.isFinite(value) && inside ? "PASS" : gate.level === "warn" ? "WARN" : "FAIL";
      return {
        level,
        gate: name,
        redshift,
        value,
        limit: limitText(gate),
        description: gate.description ?? gate.metric,
      };
    }),
  );
}

export function worst(judgements: readonly Judgement[]): Level {
  const levels = judgements.map(({ level }) => level);
  return levels.includes("FAIL") ? "FAIL" : levels.includes("WARN") ? "WARN" : "PASS";
}

function limitText({ min, max, equals }: Gate): string {
  if (equals !== undefined) return `= ${equals}`;
  if (min !== undefined && max !== undefined) return `${min} .. ${max}`;
  if (min !== undefined) return `>= ${min}`;
  return max === undefined ? "" : `<= ${max}`;
}
