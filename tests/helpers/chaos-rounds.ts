// Rounds of violence at random instants: start an apply, hurt it, look at what is there, go on. One seed gives one sequence of intentions;
// what they hit depends on the machine. Used by tests/e2e/chaos.test.ts and, for hours, by scripts/chaos.mjs.
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { brokenFiles, falselyDone, finalProblems, instantProblems } from "./chaos-check.ts";
import { Life, type Running, send } from "./chaos-life.ts";
import type { Finished, Rig } from "./cli.ts";

export interface SoakOptions {
  readonly seed: number;
  /** Ends after so many processes or process groups were hit by SIGKILL. */
  readonly kills?: number;
  /** Ends after so many rounds. */
  readonly rounds?: number;
  readonly boxes?: number;
  /** One line a round. */
  readonly onRound?: (line: string) => void;
}

export interface SoakReport {
  readonly seed: number;
  readonly rounds: number;
  /** Campaign roots begun, and editions brought to their end. */
  readonly lives: number;
  readonly editions: number;
  /** Signals that hit somebody, by what they were sent to. */
  readonly hits: Readonly<Record<string, number>>;
  /** How often apply ended how: exit code, or signal. */
  readonly ends: Readonly<Record<string, number>>;
  readonly executions: number;
  readonly seconds: number;
  /** Empty: every check passed. */
  readonly problems: readonly string[];
}

type Action = "kill apply" | "kill worker" | "kill all" | "kill job" | "kill at a point" | "stop and go on" | "terminate" | "interrupt" | "kill, two at once" | "stop worker, kill apply"; // prettier-ignore
const ACTIONS: readonly (readonly [Action, number])[] = [
  ["kill apply", 5],
  ["kill worker", 5],
  ["kill all", 4],
  ["kill job", 4],
  ["kill at a point", 4],
  ["stop and go on", 2],
  ["terminate", 2],
  ["interrupt", 1],
  ["kill, two at once", 3],
  ["stop worker, kill apply", 3],
];
/** Where one process is killed once; passages are drawn. */
const POINTS = [
  "lock/prepared", "lock/taken", "apply/locked", "lock/claimed", "lock/replaced", "apply/reaped", "apply/bundle-written", "journal/created",
  "journal/opened", "file/written", "file/replaced", "apply/started", "apply/finished", "apply/manifest-written", "lock/releasing",
  "worker/claimed", "worker/staged", "worker/ran", "worker/validated", "worker/synced", "worker/set-aside", "worker/renamed",
  "worker/receipted", "worker/cleaned",
]; // prettier-ignore
/** Exit codes that an apply that was hurt may end with; its own death by a signal is always one. */
const CODES: Readonly<Record<Action, readonly number[]>> = {
  "kill apply": [0],
  "kill worker": [0, 9],
  "kill all": [0],
  "kill job": [0],
  "kill at a point": [0, 1, 9],
  "stop and go on": [0],
  terminate: [0, 8],
  interrupt: [0, 8],
  "kill, two at once": [0, 6],
  "stop worker, kill apply": [0],
};
const EDITIONS = 3;
/** Rounds without an end, after which an apply is left alone. */
const PATIENCE = 8;
const LONGEST_MS = 120_000;

export async function soak(rig: Rig, options: SoakOptions): Promise<SoakReport> {
  return new Soak(rig, options).run();
}

class Soak {
  private readonly random: RandomGenerator;
  private readonly hits: Record<string, number> = {};
  private readonly ends: Record<string, number> = {};
  private readonly problems: string[] = [];
  private rounds = 0;
  private lives = 0;
  private editions = 0;
  private executions = 0;
  private killed = 0;
  /** Milliseconds an apply takes when it is left alone; learnt from the first. */
  private horizon = 0;
  /** Published files are looked at while jobs run. */
  private watched = new Set<string>();

  constructor(
    private readonly rig: Rig,
    private readonly options: SoakOptions,
  ) {
    this.random = xoroshiro128plus(options.seed);
  }

  async run(): Promise<SoakReport> {
    const begin = Date.now();
    while (this.goesOn) await this.live();
    const { rounds, lives, editions, hits, ends, executions, problems } = this;
    return {
      seed: this.options.seed,
      rounds,
      lives,
      editions,
      hits,
      ends,
      executions,
      seconds: (Date.now() - begin) / 1000,
      problems,
    };
  }

  private get goesOn(): boolean {
    const { kills = Infinity, rounds = Infinity } = this.options;
    return this.killed < kills && this.rounds < rounds && this.problems.length === 0;
  }

  /** One root, through some editions. */
  private async live(): Promise<void> {
    this.lives += 1;
    const life = await Life.begin(this.rig, `life-${this.lives}`, this.options.boxes);
    if (this.horizon === 0) await this.learn(life);
    while (life.edition <= EDITIONS && this.goesOn) {
      await this.finishEdition(life);
      await life.next();
    }
    this.executions += life.executed();
    if (this.problems.length === 0) life.remove();
  }

  private async learn(life: Life): Promise<void> {
    // The first command compiles; that is not what is to be measured.
    await life.start(["plan"]).done;
    const begin = Date.now();
    await this.complete(life, "left alone");
    this.horizon = Date.now() - begin;
    await life.next();
  }

  private async finishEdition(life: Life): Promise<void> {
    for (let tries = 0; this.problems.length === 0; tries++) {
      if (tries >= PATIENCE || !this.goesOn) return this.complete(life, "left alone");
      this.rounds += 1;
      const action = this.draw();
      const ended = await this.round(life, action);
      const how = ended.map(({ code, signal }) => signal ?? String(code)).join("+");
      this.tell(life, `${action}: ${how}`);
      const problems = [...(await instantProblems(life)), ...(await falselyDone(life)), ...unexpected(action, ended)];
      this.note(`round ${this.rounds}, ${action}`, problems);
      if (ended.some(({ code }) => code === 0)) return this.check(life, `after ${action}`);
      // Sometimes the campaign is edited before it is finished: what is half done under the old recipe is done under the new one.
      if (life.edition < EDITIONS && this.int(1, 6) === 1) return;
    }
  }

  /** An apply without violence has to finish everything. */
  private async complete(life: Life, what: string): Promise<void> {
    const ended = await this.attended(life, life.startApply());
    this.tell(life, `${what}: ${ended.signal ?? ended.code}`);
    if (ended.code !== 0)
      this.note(what, [`apply ends with ${ended.signal ?? ended.code}: ${ended.err || ended.out.slice(-500)}`]);
    else await this.check(life, what);
  }

  private async check(life: Life, what: string): Promise<void> {
    this.editions += 1;
    this.note(`${life.name} edition ${life.edition}, ${what}`, await finalProblems(life));
  }

  private async round(life: Life, action: Action): Promise<readonly Finished[]> {
    if (action === "kill at a point") {
      const point = POINTS[this.int(0, POINTS.length - 1)]!;
      const ended = await this.attended(life, life.startApply({ CMC_FAULT: `${point}:${this.int(1, 3)}` }));
      if (ended.signal === "SIGKILL" || `${ended.err}${ended.out}`.includes("SIGKILL")) this.hit(point);
      return [ended];
    }
    const running = life.startApply();
    // Any instant for apply; for workers and jobs one at which there are some.
    const working = /worker|job|all|go on/.test(action);
    if (working) await this.untilWorking(life, running);
    await this.pause(this.int(0, Math.round(this.horizon * (working ? 0.5 : 0.9))));
    switch (action) {
      case "kill apply":
        kill(running);
        break;
      case "kill worker":
        for (let times = this.int(1, 4); times > 0; times--, await this.pause(this.int(0, 150))) this.killWorker(life);
        break;
      case "kill all":
        // In either order: what outlives the other may do something in between.
        if (this.int(0, 1) === 0) kill(running);
        this.killWorkers(life);
        kill(running);
        break;
      case "kill job":
        for (let times = this.int(1, 5); times > 0; times--, await this.pause(this.int(0, 80))) this.killJob(life);
        break;
      case "stop and go on":
        await this.suspend(life, this.int(50, 500));
        break;
      case "terminate":
        if (send(running.child.pid!, "SIGTERM")) this.count("apply SIGTERM");
        break;
      case "interrupt":
        if (send(running.child.pid!, "SIGINT")) this.count("apply SIGINT");
        break;
      case "stop worker, kill apply":
        for (const pid of life.workers()) if (life.signalWorker(pid, "SIGSTOP")) this.count("worker SIGSTOP");
        kill(running);
        break;
      case "kill, two at once": {
        kill(running);
        if ((await running.done).signal === "SIGKILL") this.hit("apply");
        const pair = [life.startApply(), life.startApply()];
        return Promise.all(pair.map((one) => this.attended(life, one)));
      }
    }
    const ended = await this.attended(life, running);
    if (ended.signal === "SIGKILL") this.hit("apply");
    return [ended];
  }

  /** Waits for the end and looks at what is published meanwhile. */
  private async attended(life: Life, { child, done }: Running): Promise<Finished> {
    const watch = setInterval(() => brokenFiles(life).forEach((problem) => this.watched.add(problem)), 40);
    const late = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
    const ended = await done;
    clearInterval(watch);
    clearTimeout(late);
    this.note("while it ran", [...this.watched]);
    this.watched.clear();
    const how = ended.signal ?? String(ended.code);
    this.ends[how] = (this.ends[how] ?? 0) + 1;
    return ended;
  }

  private killWorker(life: Life): void {
    const workers = life.workers();
    if (workers.length > 0 && life.signalWorker(workers[this.int(0, workers.length - 1)]!, "SIGKILL"))
      this.hit("worker");
  }

  private killWorkers(life: Life): void {
    for (const pid of life.workers()) if (life.signalWorker(pid, "SIGKILL")) this.hit("worker");
  }

  private killJob(life: Life): void {
    const groups = life.jobGroups();
    if (groups.length > 0 && send(-groups[this.int(0, groups.length - 1)]!, "SIGKILL"))
      this.hit("process group of a job");
  }

  private async untilWorking(life: Life, { child }: Running): Promise<void> {
    while (life.workers().length === 0 && child.exitCode === null && child.signalCode === null) await this.pause(10);
  }

  private async suspend(life: Life, milliseconds: number): Promise<void> {
    const workers = life.workers();
    const pid = workers[this.int(0, Math.max(0, workers.length - 1))];
    if (pid === undefined || !life.signalWorker(pid, "SIGSTOP")) return;
    this.count("worker SIGSTOP");
    await this.pause(milliseconds);
    life.signalWorker(pid, "SIGCONT");
  }

  private hit(what: string): void {
    this.count(`${what} SIGKILL`);
    this.killed += 1;
  }

  private count(what: string): void {
    this.hits[what] = (this.hits[what] ?? 0) + 1;
  }

  private draw(): Action {
    let left = this.int(1, ACTIONS.reduce((sum, [, weight]) => sum + weight, 0)); // prettier-ignore
    return ACTIONS.find(([, weight]) => (left -= weight) <= 0)![0];
  }

  private int(from: number, to: number): number {
    return uniformInt(this.random, from, to);
  }

  private async pause(milliseconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  private note(where: string, problems: readonly string[]): void {
    this.problems.push(...problems.map((problem) => `seed ${this.options.seed}, ${where}: ${problem}`));
  }

  private tell(life: Life, text: string): void {
    this.options.onRound?.(`${String(this.killed).padStart(4)} kills  ${life.name} edition ${life.edition}  ${text}`);
  }
}

function kill({ child }: Running): void {
  if (child.exitCode === null && child.signalCode === null) send(child.pid!, "SIGKILL");
}

function unexpected(action: Action, ended: readonly Finished[]): string[] {
  const problems = ended.flatMap(({ code, err }) =>
    code === null || CODES[action].includes(code) ? [] : [`apply ends with ${code}: ${err}`],
  );
  // One of two goes on; the other is refused, or came when everything was done.
  if (ended.length === 2 && !ended.some(({ code }) => code === 0))
    problems.push(`none of two applies went on: ${ended.map(({ err }) => err).join("; ")}`);
  return problems;
}
