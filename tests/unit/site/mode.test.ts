// Array or pool: who decides, and the rule where nobody did.
import { expect, it } from "vitest";
import type { Mode } from "../../../src/ir/stage.ts";
import { type SiteDocument, siteFrom } from "../../../src/site/document.ts";
import { modeOf } from "../../../src/site/mode.ts";
import { SAMPLE_IR } from "../../helpers/sample-plan.ts";

interface Case {
  readonly site?: SiteDocument;
  readonly campaign?: Mode;
  readonly stage?: Mode;
  readonly walltime?: number;
  readonly tasks?: number;
}

function mode({ site, campaign, stage, walltime = 60, tasks = 1000 }: Case): Mode {
  const { execution, stages } = SAMPLE_IR;
  const ir = { ...SAMPLE_IR, execution: { ...execution, ...(campaign ? { mode: campaign } : {}) } };
  const said: SiteDocument = { executor: "slurm", limits: { maxSubmit: 100 }, ...site };
  return modeOf(siteFrom("test", said), ir, { ...stages[0]!, ...(stage ? { mode: stage } : {}) }, walltime, tasks);
}

it("short jobs that are more than the queue takes run in pools", () => {
  expect(mode({})).toBe("pool");
  expect(mode({ tasks: 100 })).toBe("array");
  expect(mode({ walltime: 600 })).toBe("array");
  expect(mode({ site: { limits: {} } })).toBe("array");
});

it("the queue takes what its lanes take together, where every lane has a cap", () => {
  const lanes = (...caps: (number | undefined)[]) =>
    mode({ tasks: 50, site: { lanes: caps.map((cap, i) => ({ name: `${i}`, ...(cap ? { cap } : {}) })) } });
  expect(lanes(5, 44)).toBe("pool");
  expect(lanes(5, 45)).toBe("array");
  expect(lanes(5, undefined)).toBe("array");
});

it("site < campaign < stage; on this machine there is no queue", () => {
  expect(mode({ site: { pool: { when: "never" } } })).toBe("array");
  expect(mode({ site: { pool: { when: "always" } }, tasks: 1 })).toBe("pool");
  expect(mode({ campaign: "array" })).toBe("array");
  expect(mode({ campaign: "array", stage: "pool", tasks: 1 })).toBe("pool");
  expect(mode({ stage: "pool", site: { executor: "local" } })).toBe("array");
});
