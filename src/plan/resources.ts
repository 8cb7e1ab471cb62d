// What jobs of a stage ask for. As the campaign declares it, unless somebody who knows the site resolves it otherwise.
import type { StageTable } from "../expand/table.ts";
import type { ResourcesIR, StageIR } from "../ir/stage.ts";

/** `own`: what the job says over its stage. */
export type Resolve = (stage: StageIR, own: ResourcesIR) => ResourcesIR;

export const asDeclared: Resolve = (stage, own) => ({ ...stage.resources, ...own });

/** By index within the stage. Jobs that say the same share one object: most stages have one answer, or a handful by point. */
export function resourcesIn(stage: StageTable, resolve: Resolve = asDeclared): (index: number) => ResourcesIR {
  const { resources } = stage;
  const common = resolve(stage.stage, {});
  if (!resources) return () => common;
  const known = new Map<string, ResourcesIR>([["", common]]);
  return (index) => {
    const text = resources.at(index);
    let found = known.get(text);
    if (!found) known.set(text, (found = resolve(stage.stage, JSON.parse(text) as ResourcesIR)));
    return found;
  };
}
