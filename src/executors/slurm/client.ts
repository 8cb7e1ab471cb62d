// The one door to SLURM: asks its programs and hands back what their answers mean. Knows no campaign, job or journal; decides nothing.
import { type Answer, failureOf, messageOf, type Ran } from "./answer.ts";
import { call } from "./call.ts";
import {
  type ClusterConfig, CONFIG_ARGS, type Controller, type Partition, parseConfig, parsePartitions, parsePing,
  PARTITION_ARGS, PING_ARGS,
} from "./config.ts"; // prettier-ignore
import { type Environment, queryEnvironment, submitEnvironment } from "./environment.ts";
import { type AccountingAnswer, type AccountingQuery, readAccounting, sacctArgs } from "./sacct.ts";
import { sbatchArgs, type Submission, testOnlyArgs } from "./sbatch.ts";
import { parseQueue, type Queue, squeueArgs } from "./squeue.ts";
import { classifySbatch, classifyTest, type SubmitAnswer, type TestAnswer } from "./submission.ts";

export interface SlurmSettings {
  /** SLURM_CONF and PATH are taken from here. */
  readonly env: Environment;
  /** Whose jobs: process.getuid(). */
  readonly user: number;
  /**
   * Seconds, both 60 if absent; longer than the site's MessageTimeout, or a controller that is down is taken for one that may have the job.
   * sbatch would repeat a submission by itself for 120 s when the queue is full: with less than that it ends as `uncertain`, likely `wait`.
   */
  readonly submitTimeout?: number;
  readonly queryTimeout?: number;
  /** Bytes; 256 MiB if absent. A line of squeue has some 200, a rest of an array more. */
  readonly maxOutput?: number;
  /** Seconds, ever increasing. Absent: this process's. */
  readonly clock?: () => number;
}

/** How often and how long a program was asked. */
export interface CallCount {
  readonly calls: number;
  readonly failed: number;
  readonly seconds: number;
  readonly longest: number;
}

/** That a command was taken, not that it had an effect: `scancel` of an unknown number succeeds and says nothing (22.05). The queue tells. */
export type CommandAnswer = Answer<{ readonly text: string }>;

/** Numbers, `35_4`, `35_[0-3,7]`: nothing that could be taken for an option, and never no name at all. */
const JOB_NAME = /^\d+(_(\d+|\[[\d,-]+\]))?$/;
/** Names on one command line. */
const AT_ONCE = 200;

export class SlurmClient {
  readonly #settings: SlurmSettings;
  readonly #counts = new Map<string, CallCount>();

  constructor(settings: SlurmSettings) {
    this.#settings = settings;
  }

  async submit(submission: Submission): Promise<SubmitAnswer> {
    const env = submitEnvironment(this.#settings.env);
    return classifySbatch(await this.#run("sbatch", sbatchArgs(submission), env, this.#settings.submitTimeout));
  }

  async testOnly(submission: Submission): Promise<TestAnswer> {
    return classifyTest(await this.#ask("sbatch", testOnlyArgs(submission)));
  }

  /** All jobs of the user, whoever submitted them, and those that ended within MinJobAge. */
  async queue(): Promise<Answer<Queue>> {
    const { user } = this.#settings;
    return this.#read("squeue", squeueArgs(user), (text) => parseQueue(text, user));
  }

  async accounting(query: AccountingQuery): Promise<AccountingAnswer> {
    // `--jobs=` alone would be all jobs.
    if (query.jobs?.length === 0) return { type: "ok", value: { jobs: [], unreadable: [] } };
    return readAccounting(await this.#ask("sacct", sacctArgs(this.#settings.user, query)));
  }

  /** @param names as arrayTasks (job-id.ts) writes them, or plain numbers */
  cancel(names: readonly string[]): Promise<CommandAnswer> {
    return this.#command("scancel", [], names);
  }

  hold(names: readonly string[]): Promise<CommandAnswer> {
    return this.#command("scontrol", ["hold"], names);
  }

  release(names: readonly string[]): Promise<CommandAnswer> {
    return this.#command("scontrol", ["release"], names);
  }

  /** Of ended tasks as well, while SLURM remembers them: same numbers, one restart more. */
  requeue(names: readonly string[]): Promise<CommandAnswer> {
    return this.#command("scontrol", ["requeue"], names);
  }

  /** Answers with the controllers' states even when all are down. */
  async ping(): Promise<Answer<readonly Controller[]>> {
    const ran = await this.#ask("scontrol", PING_ARGS);
    const controllers = parsePing(ran.stdout);
    if (controllers.length > 0) return { type: "ok", value: controllers };
    return failureOf(ran) ?? { type: "failed", text: messageOf(ran) };
  }

  config(): Promise<Answer<ClusterConfig>> {
    return this.#read("scontrol", CONFIG_ARGS, parseConfig);
  }

  partitions(): Promise<Answer<readonly Partition[]>> {
    return this.#read("scontrol", PARTITION_ARGS, parsePartitions);
  }

  /** Since the client was made, by program. */
  counts(): ReadonlyMap<string, CallCount> {
    return new Map(this.#counts);
  }

  /** Stops at the first failure that concerns all; what single jobs object to is told and does not stop the others. */
  async #command(program: string, words: readonly string[], names: readonly string[]): Promise<CommandAnswer> {
    const wrong = names.find((name) => !JOB_NAME.test(name));
    if (wrong !== undefined) return { type: "failed", text: `'${wrong}' is no job number` };
    const texts: string[] = [];
    let objected = false;
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const ran = await this.#ask(program, [...words, ...names.slice(from, from + AT_ONCE)]);
      const failure = failureOf(ran);
      if (failure && failure.type !== "failed") return failure;
      objected ||= failure !== undefined;
      const text = failure?.text ?? messageOf(ran);
      if (text !== "") texts.push(text);
    }
    const text = texts.join("\n");
    return objected ? { type: "failed", text } : { type: "ok", value: { text } };
  }

  async #read<T>(program: string, args: readonly string[], parse: (text: string) => T): Promise<Answer<T>> {
    const ran = await this.#ask(program, args);
    return failureOf(ran) ?? { type: "ok", value: parse(ran.stdout) };
  }

  #ask(program: string, args: readonly string[]): Promise<Ran> {
    return this.#run(program, args, queryEnvironment(this.#settings.env), this.#settings.queryTimeout);
  }

  async #run(program: string, args: readonly string[], env: Environment, timeout = 60): Promise<Ran> {
    const { clock = () => performance.now() / 1000, maxOutput = 256 * 2 ** 20 } = this.#settings;
    const ran = await call({ program, args, env, timeout, maxOutput, clock });
    const { calls, failed, seconds, longest } = this.#counts.get(program) ?? NONE;
    this.#counts.set(program, {
      calls: calls + 1,
      failed: failed + (ran.code === 0 ? 0 : 1),
      seconds: seconds + ran.seconds,
      longest: Math.max(longest, ran.seconds),
    });
    return ran;
  }
}

const NONE: CallCount = { calls: 0, failed: 0, seconds: 0, longest: 0 };
