// A campaign on a test cluster: its folder, its site file, the real command line, and what its jobs noted outside of the root.
// What a job does is said by the test in `behave.sh`, which is no part of its recipe.
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readJournals } from "../../src/state/read-journal.ts";
import type { State } from "../../src/state/reduce.ts";
import { type Finished, makeRig, type Rig } from "../helpers/cli.ts";
import type { Cluster } from "./cluster/types.ts";

/** The command of every job: notes its beginning, behaves, and writes its output. */
export const RUN = `(({ outputs }) => ["sh", "-c", 'echo "$CMC_KEY $CMC_ATTEMPT" >> "$CMC_CAMPAIGN_DIR/ran" && . "$CMC_CAMPAIGN_DIR/behave.sh" && echo "$CMC_KEY" > "$1"', "sh", outputs.out])`;

export interface ClusterRig extends Rig {
  readonly root: string;
  /** `key attempt` of every job that was begun, in order. */
  ran(): readonly string[];
  apply(env?: Env): Promise<Finished>;
  tick(env?: Env): Promise<Finished>;
  /** Ticks until nothing is in progress; the last one. */
  finish(env?: Env, seconds?: number): Promise<Finished>;
  state(): State;
  /** The campaign finds this instead of a program of SLURM; `$REAL` is the real one. */
  wrap(program: string, script: string): void;
  /** Keys by number of attempts that ended ok. */
  accepted(): Readonly<Record<string, number>>;
}

type Env = Readonly<Record<string, string>>;

/** @param name of the campaign, version v1.0 @param stages source @param site YAML without the executor and the node binary */
export function clusterRig(cluster: Cluster, name: string, stages: string, site: string): ClusterRig {
  const exported = [...stages.matchAll(/^export const (\w+)/gm)].map((match) => match[1]!);
  const rig = makeRig({
    "campaign.ts": `import { axis, command, defineCampaign, defineStage, file } from "cmc";
${stages}
export default defineCampaign({ name: "${name}", version: "v1.0", stages: [${exported.join(", ")}], outputs: { base: "runs" }, execution: { batchSize: 1000 } });
`,
    "site.yaml": `executor: slurm\nnode: ${process.execPath}\n${site}`,
    "behave.sh": "true\n",
  });
  const root = join(rig.dir, "runs", `${name}_v1.0`);
  // sbatch hands the environment on to the worker.
  const { SLURM_CONF, PATH } = cluster.env;
  const around = { ...QUICK, SLURM_CONF: SLURM_CONF!, PATH: `${join(rig.dir, "bin")}:${PATH!}` };
  const cmc = (args: readonly string[], env: Env = {}) => rig.cmc(args, { ...around, ...env });
  const apply = (env?: Env) => cmc(["apply", "--site", "site.yaml", "--auto-approve"], env);
  const tick = (env?: Env) => cmc(["tick"], env);
  const ran = () => {
    const file = join(rig.dir, "ran");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  };
  const state = () => readJournals(root).fold().state;
  return {
    ...rig,
    cmc,
    root,
    ran,
    apply,
    tick,
    state,
    async finish(env, seconds = 60) {
      const end = Date.now() + seconds * 1000;
      for (;;) {
        const ticked = await tick(env);
        if (/ended: (done|failures|cancelled)|nothing in progress/.test(ticked.out)) return ticked;
        if (Date.now() > end) throw new Error(`still in progress after ${seconds} s: ${ticked.out}${ticked.err}`);
        await sleep(300);
      }
    },
    wrap(program, script) {
      rig.write(`bin/${program}`, `#!/bin/bash\nREAL=/usr/bin/${program}\n${script}\n`);
      chmodSync(join(rig.dir, "bin", program), 0o755);
    },
    accepted: () =>
      Object.fromEntries(
        [...state().jobs.values()].map(({ key, attempts }) => [
          key,
          attempts.filter(({ end }) => end?.class === "ok").length,
        ]),
      ),
  };
}

/** A sign of life twice a second, and five seconds of patience: outages pass while a test can wait for them. */
const QUICK = { CMC_HEARTBEAT_MS: "500", CMC_PATIENCE_MS: "5000" };
