// What jobs and outputs were called before: the campaign's `moved` entries, walked backwards. Pure names; whether results are there is not asked here.
import type { OutputName } from "../expand/recipe.ts";
import type { MoveIR } from "../ir/campaign.ts";
import type { Scalar } from "../ir/json.ts";
import { jobKey } from "../ir/key.ts";

export type Point = Readonly<Record<string, Scalar>>;

export interface Address {
  readonly stage: string;
  readonly point: Point;
}

export class Moves {
  constructor(private readonly moves: readonly MoveIR[]) {}

  /** Some entry may speak of jobs of this stage. */
  concern(stage: string): boolean {
    return this.moves.some(({ to }) => to.output === undefined && (to.stage === undefined || to.stage === stage));
  }

  /** Addresses that a job had, latest first; its own is not among them. */
  before(now: Address): (Address & { readonly key: string })[] {
    const own = jobKey(now.stage, now.point);
    const found = new Map<string, Address & { readonly key: string }>();
    let address = now;
    for (const move of [...this.moves].reverse()) {
      const earlier = undone(move, address);
      if (!earlier) continue;
      address = earlier;
      const key = jobKey(address.stage, address.point);
      if (key !== own) found.set(key, { ...address, key });
    }
    return [...found.values()];
  }

  /** Names that an output had, latest first. An entry that names it twice says that only its path changed. */
  outputsBefore(stage: string, output: string): string[] {
    return this.walk(stage, output).map((step) => step.output);
  }

  /** How digests named outputs earlier: one function for every entry that renamed one, latest first. */
  namings(): OutputName[] {
    const renamed = this.moves.flatMap(({ from, to }, i) =>
      to.output !== undefined && from.output !== to.output ? [i] : [],
    );
    return renamed.reverse().map((first) => {
      const since = new Moves(this.moves.slice(first));
      return (stage, output) => since.outputsBefore(stage, output).at(-1) ?? output;
    });
  }

  private walk(stage: string, output: string): { readonly output: string }[] {
    const steps: { output: string }[] = [];
    let name = { stage, output };
    for (const { from, to } of [...this.moves].reverse()) {
      if (to.output !== undefined) {
        if (to.stage !== name.stage || to.output !== name.output) continue;
        name = { stage: from.stage ?? name.stage, output: from.output ?? name.output };
        steps.push(name);
      } else if (to.stage === name.stage && from.stage !== undefined) name = { ...name, stage: from.stage };
    }
    return steps;
  }
}

/** Undefined: the entry does not speak of this job. */
function undone({ from, to }: MoveIR, { stage, point }: Address): Address | undefined {
  if (to.output !== undefined) return undefined;
  if (to.stage !== undefined && to.stage !== stage) return undefined;
  if (to.axis !== undefined && !Object.hasOwn(point, to.axis)) return undefined;
  const after = Object.entries(to.at ?? {});
  if (after.some(([axis, value]) => !Object.hasOwn(point, axis) || point[axis] !== value)) return undefined;
  const left = Object.entries(point).filter(([axis]) => !after.some(([gone]) => gone === axis));
  const renamed = left.map(([axis, value]) => [axis === to.axis ? from.axis! : axis, value] as const);
  return { stage: from.stage ?? stage, point: { ...Object.fromEntries(renamed), ...from.at } };
}
