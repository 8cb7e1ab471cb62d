// The machine's defaults as a site profile: queue, resources and job types, over the profile cmc delivers for such a machine.
import { type Layers, layersOf, type Said, type Sources } from "./layers.ts";
import type { Machine } from "./machine.ts";
import type { Notes } from "./notes.ts";
import { commentText, mapText, type Property } from "./properties.ts";
import { byNode, resourceProperties, sectionsOf, walltimeProperty } from "./resources.ts";
import type { Path } from "./yaml-file.ts";

const JOB_TYPES = ["cpu_intensive", "gpu_intensive", "memory_intensive", "io_intensive", "balanced"];

/** What a production says of the queue goes in, too. */
export async function siteProfileText(machine: Machine, sources: Sources, notes: Notes): Promise<string> {
  const { stringify } = await import("yaml");
  const { name, site, defaults } = machine;
  const sections = profile(site, sources, notes);
  const head = [
    `${name}, as ${defaults?.name ?? sources.own.files[0]!.name} describes it; written by \`cmc import\`, yours to edit.`,
    "Counts and memory are of the whole job.",
  ];
  const quote = (text: string) => stringify(text, { lineWidth: 0 }).trimEnd();
  const top = [head, ...(defaults ? notes.rest([defaults]) : [])].map((block) =>
    block.map((line) => `${commentText("#", line)}\n`).join(""),
  );
  return [
    `${top.join("#\n")}extends: ${site}\n`,
    ...sections.map((section) => `${mapText([section], 0, quote)}\n`),
  ].join("\n");
}

function profile(site: Machine["site"], { own: production, machine }: Sources, notes: Notes): Property[] {
  const used = production.find<string>(["execution", "job_type"])?.value;
  const account = production.find<string>(["resources", "account"]) ?? machine.find<string>(["resources", "account"]);
  const types = JOB_TYPES.flatMap((type) => {
    const says = machine.find(["job_type_overrides", type]) !== undefined;
    const above = notes.section(machine, ["job_type_overrides", type]);
    const own = layersOf(type === used ? production.files : []);
    const queue = queueWords(site, notes, [own, ["resources"]], [machine, ["job_type_overrides", type]]);
    const hours = machine.find<number>(["job_type_overrides", type, "timeout_hours"]);
    const resources = says ? resourceProperties(byNode(machine, ...sectionsOf(type)), notes) : [];
    const walltime = hours ? [walltimeProperty(hours, notes)] : [];
    return map(type, [...map("queue", queue), ...map("resources", [...walltime, ...resources])], above);
  });
  const hours = machine.find<number>(["execution", "timeout_hours"]);
  return [
    ...map("queue", [
      ...(account ? [{ name: "account", value: account.value, ...notes.take(account) }] : []),
      ...queueWords(site, notes, [machine, ["resources"]]),
    ]),
    ...map(
      "resources",
      [
        ...(hours ? [walltimeProperty(hours, notes)] : []),
        ...resourceProperties(byNode(machine, ["resources"]), notes),
      ],
      notes.section(machine, ["resources"]),
    ),
    ...map("jobTypes", types, notes.section(machine, ["job_type_overrides"])),
  ];
}

/** Perlmutter has no partitions to choose (refusals.ts says so). The first section that has a word is heard. */
function queueWords(site: Machine["site"], notes: Notes, ...sections: (readonly [Layers, Path])[]): Property[] {
  const words = site === "perlmutter" ? ["constraint"] : ["partition", "constraint"];
  return words.flatMap((name) => {
    const said = sections
      .map(([layers, path]) => layers.find<string>([...path, name]))
      .find((said): said is Said<string> => said !== undefined);
    return said ? [{ name, value: said.value, ...notes.take(said) }] : [];
  });
}

function map(name: string, value: readonly Property[], above: readonly string[] = []): Property[] {
  return value.length > 0 ? [{ name, value, above }] : [];
}
