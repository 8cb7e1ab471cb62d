// One view a stage, `stage_<name>`: a row a job, with its axes and metrics as columns. What `pandas.read_sql` wants; only text is made here.
import type { StageIR } from "../../ir/stage.ts";
import { identifier, literal } from "./database.ts";

const BASE = [
  "j.key",
  "j.state",
  "j.attempts",
  "j.seconds",
  "j.peak_memory",
  "a.started_at",
  "a.finished_at",
  "a.host",
];

/** `metrics`: names seen in receipts of the stage, in the order the columns are to have. */
export function stageView(stage: StageIR, metrics: readonly string[]): string {
  const taken = new Set(["id", ...BASE.map((name) => name.slice(2))]);
  const column = (name: string, kind: string) => {
    let free = name;
    // SQLite compares column names without case.
    while (taken.has(free.toLowerCase())) free = `${kind}_${free}`;
    taken.add(free.toLowerCase());
    return identifier(free);
  };
  const axes = stage.axes.map(
    ({ name }) => `json_extract(j.point, ${literal(`$."${name}"`)}) AS ${column(name, "axis")}`,
  );
  const values = metrics.map(
    (name) =>
      `(SELECT m.value FROM metrics m WHERE m.job = j.id AND m.name = ${literal(name)}) AS ${column(name, "metric")}`,
  );
  const columns = ["j.id", BASE[0]!, ...axes, ...BASE.slice(1), ...values];
  const where = `WHERE j.stage = ${literal(stage.name)} AND j.in_campaign ORDER BY j.id`;
  return `CREATE VIEW ${identifier(`stage_${stage.name}`)} AS SELECT ${columns.join(", ")} FROM jobs j LEFT JOIN attempts a ON a.id = j.attempt_id ${where};`;
}
