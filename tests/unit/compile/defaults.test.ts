// Defaults of a campaign: what its stages make of them, and what nobody sees of them.
import { expect, test } from "vitest";
import { recipeOf } from "../../../src/expand/table.ts";
import type { StageIR } from "../../../src/ir/stage.ts";
import { campaign, compileIn, scratch } from "./scratch.ts";

const STAGES = `
export const task_ = defineStage({ name: "task_" }, { outputs: { o: json(() => "1") } }, { run: task(nothing) });
export const once = defineStage({ name: "once" }, { outputs: { o: json(() => "2") } }, { run: task(nothing), resources: { memory: "1 GB" }, retry: { attempts: 1 } });
export const shell = defineStage({ name: "shell" }, { outputs: { o: json(() => "3") } }, { run: command(() => ["true"], { okExits: [0, 3] }), resources: { walltime: "1m" }, retry: { backoff: { initial: "10s" }, exits: { 4: 1 } } });
export const other = defineStage({ name: "other" }, { outputs: { o: json(() => "5") } }, { run: command(() => ["true"]), retry: { attempts: 1 } });
export const point = defineStage({ name: "point", matrix: [a] }, { outputs: { o: json(({ a }) => \`4/\${a}\`) } }, { run: task(nothing), resources: ({ a }) => (a === 1 ? { cpus: 8 } : {}) });
`;
const NAMES = "task_, once, shell, other, point";
const EXECUTION = `, execution: {
  resources: { walltime: "1h", cpus: 2 },
  retry: { attempts: 4, backoff: { initial: "1m", factor: 3 }, exits: { 3: 9, 4: 9, 5: 9 }, escalate: { oom: { memory: 2 }, timeout: { walltime: 1.5 } } },
}`;

const compiled = (more: string) =>
  compileIn(
    scratch({
      "campaign.ts": campaign(STAGES.replace("{ backoff", more ? "{ backoff" : "{ attempts: 2, backoff"), NAMES, more),
    }),
  );
const part = ({ resources, inherited, retry }: StageIR) => ({ resources, inherited, retry });

test("stages go before them field by field, and take over what they can use", async () => {
  const { ir } = await compiled(EXECUTION);
  expect(Object.fromEntries(ir.stages.map((stage) => [stage.name, part(stage)]))).toEqual({
    task_: {
      resources: { walltime: 3600, cpus: 2 },
      inherited: ["walltime", "cpus"],
      // No memory is declared: there is nothing to multiply. A task has no exit code.
      retry: { attempts: 4, backoff: { initial: 60, factor: 3, max: 3600 }, escalate: { timeout: { walltime: 1.5 } } },
    },
    once: {
      resources: { walltime: 3600, cpus: 2, memory: 1e9 },
      inherited: ["walltime", "cpus"],
      retry: { attempts: 1, backoff: { initial: 0, factor: 2, max: 3600 }, escalate: {} },
    },
    shell: {
      resources: { walltime: 60, cpus: 2 },
      inherited: ["cpus"],
      retry: {
        attempts: 4,
        backoff: { initial: 10, factor: 3, max: 3600 },
        exits: { 4: 1, 5: 9 },
        escalate: { timeout: { walltime: 1.5 } },
      },
    },
    // One try, but nine after some exits: what comes between tries is of use.
    other: {
      resources: { walltime: 3600, cpus: 2 },
      inherited: ["walltime", "cpus"],
      retry: {
        attempts: 1,
        backoff: { initial: 60, factor: 3, max: 3600 },
        exits: { 3: 9, 4: 9, 5: 9 },
        escalate: { timeout: { walltime: 1.5 } },
      },
    },
    point: {
      resources: { walltime: 3600, cpus: 2 },
      inherited: ["walltime", "cpus"],
      retry: {
        attempts: 4,
        backoff: { initial: 60, factor: 3, max: 3600 },
        escalate: { oom: { memory: 2 }, timeout: { walltime: 1.5 } },
      },
    },
  });
});

test("no recipe knows of them", async () => {
  const digests = async (more: string) =>
    (await compiled(more)).table().stages.map((stage) => recipeOf(stage, 0).digest);
  expect(await digests(EXECUTION)).toEqual(await digests(""));
});
