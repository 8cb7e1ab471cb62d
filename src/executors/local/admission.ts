// Processors and memory of this machine, handed out to jobs. Pure bookkeeping; a job that could never fit is refused before anything starts.
import { fail } from "../../diagnostics/diagnostic.ts";
import { type JobTable, keyOfRow, type StageTable } from "../../expand/table.ts";
import type { ResourcesIR } from "../../ir/stage.ts";

export interface Share {
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
}

export const NOTHING: Share = { cpus: 0, memory: 0 };

/** Undeclared: one processor, and no memory set aside. MPI jobs need processors times tasks. */
export function shareOf(resources: ResourcesIR): Share {
  return { cpus: (resources.cpus ?? 1) * (resources.tasks ?? 1), memory: resources.memory ?? 0 };
}

/** What the campaign declares for the job at `index`. */
export function declaredResources(stage: StageTable, index: number): ResourcesIR {
  const own = stage.resources?.at(index);
  return own ? { ...stage.stage.resources, ...(JSON.parse(own) as ResourcesIR) } : stage.stage.resources;
}

export function fitsInto(share: Share, room: Share): boolean {
  return share.cpus <= room.cpus && share.memory <= room.memory;
}

export class Capacity {
  private used: { cpus: number; memory: number } = { ...NOTHING };

  constructor(private readonly total: Share) {}

  get free(): Share {
    return { cpus: this.total.cpus - this.used.cpus, memory: this.total.memory - this.used.memory };
  }

  take(share: Share): void {
    this.used = { cpus: this.used.cpus + share.cpus, memory: this.used.memory + share.memory };
  }

  give(share: Share): void {
    this.used = { cpus: this.used.cpus - share.cpus, memory: this.used.memory - share.memory };
  }
}

/** Throws plan/resources naming the first job that needs more than the machine has, and how many others do. */
export function refuseTooLarge(table: JobTable, rows: Iterable<Uint32Array>, total: Share): void {
  let first: { row: number; share: Share } | undefined;
  let count = 0;
  for (const batch of rows)
    for (const row of batch) {
      const stage = table.stages.findLast((candidate) => candidate.first <= row)!;
      const share = shareOf(declaredResources(stage, row - stage.first));
      if (fitsInto(share, total)) continue;
      first ??= { row, share };
      count += 1;
    }
  if (!first) return;
  const { share } = first;
  const what =
    share.cpus > total.cpus
      ? `${share.cpus} processors, there are ${total.cpus}`
      : `${gigabytes(share.memory)} of memory, there are ${gigabytes(total.memory)}`;
  const others = count > 1 ? ` (and ${count - 1} other jobs)` : "";
  fail({
    code: "plan/resources",
    message: `${keyOfRow(table, first.row)} needs ${what}${others}`,
    job: keyOfRow(table, first.row),
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
