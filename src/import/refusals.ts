// What a production says and cmc cannot do, does otherwise, or would misread: a refusal where results would differ, else a warning.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { about, type Layers, type Said } from "./layers.ts";
import type { Machine } from "./machine.ts";
import { rangeOf, realizationsOf } from "./realizations.ts";
import { sectionsOf } from "./resources.ts";

type Finding = Diagnostic | undefined | false;

export function refusals(layers: Layers, machine: Machine): Diagnostic[] {
  const findings: Finding[] = [
    ...realizationFindings(layers),
    ...redshiftFindings(layers),
    ...outputFindings(layers),
    ...environmentFindings(layers, machine),
  ];
  return findings.filter((finding) => finding !== undefined && finding !== false);
}

function realizationFindings(layers: Layers): Finding[] {
  const find = (key: string) => layers.find<number>(["science", "realizations", key]);
  const [start, count, step] = [find("start"), find("count"), find("step")];
  if (!start || !count) return [];
  const numbers = new Set(realizationsOf(layers, { excluded: true }));
  const excluded = layers.find<readonly number[]>(["science", "realizations", "exclude"]);
  return [
    step && step.value > 1
      ? about(step, "import/not-expressed", "warning",
          `with step ${step.value}, count ${count.value} is the length of the range: ${rangeOf(layers).length} realizations, as run_production.py makes them`,
          "If as many realizations as count says are meant, correct count in the module.")
      : undefined,
    ...(excluded?.value ?? []).map((number, i) =>
      !numbers.has(number) &&
      about({ ...excluded!, path: [...excluded!.path, i] }, "import/bad-value", "error",
        `realization ${number} is excluded and not in the production`, "Remove it, or correct the number."),
    ),
  ]; // prettier-ignore
}

function redshiftFindings(layers: Layers): Finding[] {
  const list = layers.find<readonly number[]>(["science", "redshifts"]);
  const names = (list?.value ?? []).map((z) => z.toFixed(3));
  return (list?.value ?? []).map((z, i) => {
    const item: Said = { ...list!, path: [...list!.path, i] };
    const first = names.indexOf(names[i]!);
    if (first !== i)
      return about(item, "import/bad-value", "error",
        `redshifts ${list!.value[first]} and ${z} have one output path: mock_z${names[i]}.hdf5`, "Remove one of the two."); // prettier-ignore
    // A tie at the fourth decimal: Python rounds it to even, JavaScript up.
    if (Math.abs((z * 16) % 2) === 1 && Math.floor(z * 1000) % 2 === 0)
      return about(item, "import/not-expressed", "error",
        `redshift ${z} is exactly between two paths: Python writes z${(Math.floor(z * 1000) / 1000).toFixed(3)}, cmc z${names[i]}`,
        "Write the redshift with three decimals."); // prettier-ignore
    return undefined;
  });
}

function outputFindings(layers: Layers): Finding[] {
  const find = <T>(...path: string[]) => layers.find<T>(["outputs", ...path]);
  const structure = find<string>("structure");
  const compression = find<string>("compression");
  const base = find<string>("base_path");
  const logs = find<number>("cleanup_policy", "keep_logs_days");
  const intermediate = find<boolean>("cleanup_policy", "keep_intermediate");
  const archive = find<boolean>("cleanup_policy", "archive_completed");
  const warn = (said: Said, message: string, remedy: string) => about(said, "import/not-expressed", "warning", message, remedy); // prettier-ignore
  return [
    structure?.value === "custom" &&
      about(structure, "import/not-expressed", "error", "structure custom: nothing says where the outputs lie",
        "Write hierarchical or flat, and change the path of `catalog` in the module."), // prettier-ignore
    base && !base.value.startsWith("/") &&
      warn(base, `base_path ${base.value} was relative to where run_production.py was started, and is relative to the module's folder now`,
        "Make it absolute in the module: outputs.base."), // prettier-ignore
    compression && compression.value !== "none" &&
      warn(compression, `compression ${compression.value} is left out: what a command writes is its own affair`,
        "Nothing to do: generate_single_mock.py never read it."), // prettier-ignore
    logs && warn(logs, `keep_logs_days ${logs.value} is left out: cmc keeps all logs`, "Delete logs/ of the campaign root when you want it gone."), // prettier-ignore
    intermediate?.value && warn(intermediate, "keep_intermediate is left out: a job's staging folder goes when the job is done", "What should stay must be an output of the stage."), // prettier-ignore
    archive?.value && warn(archive, "archive_completed is left out: cmc does not archive", "Archive the campaign root when the campaign is done."), // prettier-ignore
  ];
}

function environmentFindings(layers: Layers, { site }: Machine): Finding[] {
  const jobType = layers.find<string>(["execution", "job_type"])?.value ?? "";
  const record = layers.find<boolean>(["production", "dependencies", "record_environment"], ["campaign", "dependencies", "record_environment"]); // prettier-ignore
  const partition = layers.find<string>(...sectionsOf(jobType).map((path) => [...path, "partition"]));
  return [
    record?.value === false &&
      about(record, "import/not-expressed", "warning", "record_environment: false is left out: cmc always records commit, versions and host",
        "Nothing to do: metadata/provenance.json is small."), // prettier-ignore
    partition && site === "perlmutter" &&
      about(partition, "import/not-expressed", "warning",
        `partition ${partition.value} is left out: Perlmutter chooses it by QOS and constraint, and the profile perlmutter says qos: regular`,
        "Change queue.qos in the site profile where another QOS is meant."), // prettier-ignore
  ];
}
