// Gates: thresholds on metrics. Pure.
import type { GateIR } from "../ir/stage.ts";
import type { GateFact, MetricFact } from "../state/receipt.ts";

/** The last value of a metric counts. Bounds are inclusive; a metric that was not emitted or is not finite fails. */
export function evaluateGates(gates: readonly GateIR[], metrics: readonly MetricFact[]): GateFact[] {
  const last = new Map(metrics.map((metric) => [metric.name, metric]));
  return gates.map((gate) => {
    const { passed, message } = judge(gate, last.get(gate.metric));
    return { name: gate.name, metric: gate.metric, level: gate.level, passed, message };
  });
}

function judge(gate: GateIR, metric: MetricFact | undefined): { passed: boolean; message: string } {
  if (!metric) return { passed: false, message: `${gate.metric} was not emitted` };
  const { value } = metric;
  // "1" is the unit of what has none.
  const unit = metric.unit === undefined || metric.unit === "1" ? "" : ` ${metric.unit}`;
  const shown = `${gate.metric} = ${value}${unit}`;
  if (typeof value === "string") return { passed: false, message: `${shown} is not finite` };
  if (gate.equals !== undefined && value !== gate.equals)
    return { passed: false, message: `${shown}, must equal ${gate.equals}` };
  if (gate.min !== undefined && value < gate.min)
    return { passed: false, message: `${shown} is less than ${gate.min}` };
  if (gate.max !== undefined && value > gate.max)
    return { passed: false, message: `${shown} is greater than ${gate.max}` };
  return { passed: true, message: `${shown} within ${bounds(gate)}` };
}

function bounds(gate: GateIR): string {
  if (gate.equals !== undefined) return `= ${gate.equals}`;
  return `[${gate.min ?? "-inf"}, ${gate.max ?? "inf"}]`;
}
