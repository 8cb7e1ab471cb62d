// Groups of a comparison: jobs of a stage that were added, removed, or changed in the same field, counted. What a large difference is read by. Pure.
import type { CompareGroup } from "./compare.ts";
import { COMPARED, type ComparedDetail, type ComparedField } from "./compare-fields.ts";
import { MatrixPart } from "./range.ts";
import type { StageVersion } from "./version.ts";

type Name = ComparedField | "added" | "removed";

interface Tally {
  readonly part: MatrixPart;
  readonly example: string;
  readonly details: readonly ComparedDetail[];
  count: number;
  sharing: number;
}

export class Tallies {
  private readonly tallies = new Map<Name, Tally>();

  constructor(private readonly stage: string) {}

  add(name: Name, stage: StageVersion, index: number, key: string, details: readonly ComparedDetail[]): void {
    let tally = this.tallies.get(name);
    if (!tally)
      this.tallies.set(name, (tally = { part: new MatrixPart(stage), example: key, details, count: 0, sharing: 0 }));
    tally.count += 1;
    tally.part.add(index);
    const [one, other] = [details[0], tally.details[0]];
    if (one && other && (one === other || JSON.stringify(one) === JSON.stringify(other))) tally.sharing += 1;
  }

  groups(): CompareGroup[] {
    return [...COMPARED, "added" as const, "removed" as const].flatMap((name) => {
      const tally = this.tallies.get(name);
      return tally ? [groupOf(this.stage, name, tally)] : [];
    });
  }
}

function groupOf(stage: string, name: Name, { part, example, details, count, sharing }: Tally): CompareGroup {
  const [detail] = details;
  return {
    stage,
    ...(name === "added" || name === "removed" ? { what: name } : { what: "changed", field: name }),
    count,
    range: part.text(),
    example,
    ...(detail ? { detail, sharing, ...changedFiles(details) } : {}),
  };
}

function changedFiles([head, ...rest]: readonly ComparedDetail[]): { readonly files?: readonly string[] } {
  if (head?.type !== "field" || head.field !== "code") return {};
  const files = rest.flatMap((detail) => (detail.type === "field" ? [detail.path] : []));
  return files.length > 0 ? { files } : {};
}
