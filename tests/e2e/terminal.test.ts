// On a terminal (a pseudo-terminal made by script(1)): the question before anything is run, every way to answer it, colour and the bar.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeRig, REPOSITORY } from "../helpers/cli.ts";
import { filesIn } from "../helpers/folder.ts";
import { hasTool } from "../helpers/tools.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 3 });
export const copy = defineStage({ name: "copy", matrix: [n] }, { outputs: { out: file(({ n }) => \`out/\${n}.txt\`) } }, {
  run: command(({ outputs, point }) => ["sh", "-c", 'echo $1 > "$2"', "sh", point.n, outputs.out]),
});
export default defineCampaign({ name: "asked", version: "v1.0", stages: [copy], outputs: { base: "runs" } });
`;

const PROMPT = "Apply this plan? Only `yes` is taken for an answer: ";

describe.skipIf(!hasTool("script"))("on a terminal", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  afterAll(rig.dispose);

  /** Runs `cmc ARGS`, types `answer` at the prompt. Screen text without cursor movements; the last line is the exit code. */
  function typed(args: string, answer: string): Promise<{ code: number; screen: string; raw: string }> {
    const command = `${process.execPath} ${join(REPOSITORY, "dist/cmc.mjs")} ${args}; echo "exit $?"`;
    const env = { PATH: process.env["PATH"], TERM: "xterm", CMC_CACHE_DIR: join(rig.dir, ".cache") };
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      cwd: rig.dir,
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    let raw = "";
    let asked = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      raw += text;
      if (!asked && raw.includes(PROMPT)) {
        asked = true;
        child.stdin.write(answer);
      }
    });
    return new Promise((resolve) =>
      child.on("close", () => {
        // eslint-disable-next-line no-control-regex -- terminal control sequences begin with ESC
        const screen = raw.replace(/\u001b(\[[0-9;?]*[A-Za-z]|[78])/g, "").replaceAll("\r", "");
        resolve({ code: Number(/exit (\d+)\n$/.exec(screen)?.[1]), screen, raw });
      }),
    );
  }

  it.each([
    ["anything else", "y\n"],
    ["nothing", "\n"],
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("%s is no: nothing is run, exit 8", async (_, answer) => {
    const { code, screen } = await typed("apply", answer);
    expect(screen).toContain(PROMPT);
    expect(screen.endsWith("\nNothing was done.\nexit 8\n")).toBe(true);
    expect(code).toBe(8);
    expect(filesIn(join(rig.dir, "runs"))).toEqual([]);
  });

  it("`yes` is yes: a bar, colours, and how it ended", async () => {
    const { code, screen, raw } = await typed("apply", "yes\n");
    expect(code).toBe(0);
    expect(raw).toContain("\u001b[32m+\u001b[39m");
    expect(screen).toMatch(/█+ 100% {2}3\/3 jobs/);
    expect(screen).toMatch(/\nApplied\. 3 done in /);
    expect(screen).not.toContain("will be replaced");
    expect(filesIn(join(rig.dir, "runs/asked_v1.0/out"))).toEqual(["0.txt", "1.txt", "2.txt"]);
  });

  it("the question repeats what will be replaced; with nothing to do there is no question", async () => {
    const { code, screen } = await typed("apply --replace copy", "no\n");
    expect(code).toBe(8);
    expect(screen).toContain(`\n3 completed outputs will be replaced.\n${PROMPT}`);
    const one = await typed("apply --replace 'copy[n=1]'", "no\n");
    expect(one.screen).toContain(`\n1 completed output will be replaced.\n${PROMPT}`);
    const none = await typed("apply", "");
    expect(none).toMatchObject({ code: 0 });
    expect(none.screen).not.toContain(PROMPT);
  });

  it("NO_COLOR holds on a terminal, too", async () => {
    const { raw } = await typed(
      "plan | cat; NO_COLOR=1 " + `${process.execPath} ${join(REPOSITORY, "dist/cmc.mjs")} plan`,
      "",
    );
    expect(raw).toContain("No changes.");
    // eslint-disable-next-line no-control-regex -- colour codes begin with ESC
    expect(raw).not.toMatch(/\u001b\[3\dm/);
  });
});
