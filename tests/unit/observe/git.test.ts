// What is recorded of a campaign's source: commit, uncommitted paths, the digest of the difference, the lock file. With the real git.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../../src/ir/canonical.ts";
import { diffDigest, gitFacts } from "../../../src/observe/git.ts";
import { lockFileOf } from "../../../src/observe/lock-file.ts";

const dir = realpathSync(mkdtempSync(join(tmpdir(), "cmc-git-")));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const campaign = join(dir, "repository", "campaigns", "x");
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: campaign, encoding: "utf8" });
const write = (name: string, text: string) => writeFileSync(join(campaign, name), text);

beforeEach(() => {
  rmSync(join(dir, "repository"), { recursive: true, force: true });
  mkdirSync(campaign, { recursive: true });
});

function commitAll(): void {
  git("init", "-q", "-b", "main", "../..");
  git("add", ".");
  git("commit", "-qm", "first");
}

describe("git facts", () => {
  it("name every uncommitted path as it is: renamed, with blanks, beyond ASCII, untracked", async () => {
    for (const name of ["campaign.ts", "two words.ts", "grün.ts"]) write(name, `${name}\n`);
    commitAll();
    expect(await gitFacts(campaign)).toMatchObject({ commit: git("rev-parse", "HEAD").trim(), branch: "main", dirty: [], untracked: [] }); // prettier-ignore
    git("mv", "campaign.ts", "moved.ts");
    write("two words.ts", "changed\n");
    write("grün.ts", "changed\n");
    write("new file.ts", "");
    const { dirty, untracked } = (await gitFacts(campaign))!;
    const below = (name: string) => `campaigns/x/${name}`;
    expect(dirty.toSorted()).toEqual(["grün.ts", "moved.ts", "new file.ts", "two words.ts"].map(below));
    expect(untracked).toEqual([below("new file.ts")]);
  });

  it("the digest of the difference moves with what tracked and untracked files hold, and is absent when clean", async () => {
    write("campaign.ts", "1\n");
    commitAll();
    const digest = async () => diffDigest(campaign, (await gitFacts(campaign))!);
    expect(await digest()).toBeUndefined();
    const seen = new Set<string | undefined>();
    for (const [name, text] of [["campaign.ts", "2\n"], ["campaign.ts", "3\n"], ["helper.ts", "a\n"], ["helper.ts", "b\n"]] as const) {
      write(name, text);
      seen.add(await digest());
    } // prettier-ignore
    symlinkSync("helper.ts", join(campaign, "link.ts"));
    seen.add(await digest());
    expect([...seen].every((one) => /^[0-9a-f]{64}$/.test(one!))).toBe(true);
    expect(seen.size).toBe(5);
    expect(await digest()).toBe([...seen].at(-1));
  });

  it("pass over what they are told to, tracked or not; what lies elsewhere is nothing to pass over", async () => {
    write("campaign.ts", "1\n");
    mkdirSync(join(campaign, "out [1]"));
    write("out [1]/kept.txt", "1\n");
    commitAll();
    write("out [1]/kept.txt", "2\n");
    write("out [1]/new.txt", "");
    const below = (name: string) => `campaigns/x/${name}`;
    expect((await gitFacts(campaign))!.dirty).toEqual([below("out [1]/kept.txt"), below("out [1]/new.txt")]);
    const facts = (await gitFacts(campaign, [
      join(campaign, "out [1]"),
      "/elsewhere",
      join(campaign, ".."),
      campaign,
    ]))!;
    expect(facts).toMatchObject({ dirty: [], untracked: [] });
    write("campaign.ts", "2\n");
    const change = (await gitFacts(campaign, [join(campaign, "out [1]")]))!;
    const before = await diffDigest(campaign, change);
    write("out [1]/kept.txt", "3\n");
    expect(await diffDigest(campaign, change)).toBe(before);
  });

  it("a repository without a commit is dirty as a whole; a folder in none has no facts", async () => {
    expect(await gitFacts(campaign)).toBeUndefined();
    write("campaign.ts", "1\n");
    git("init", "-q", "-b", "main", "../..");
    const facts = (await gitFacts(campaign))!;
    expect(facts).toMatchObject({ branch: "main", dirty: ["campaigns/x/campaign.ts"], untracked: ["campaigns/x/campaign.ts"] }); // prettier-ignore
    expect(await diffDigest(campaign, facts)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("the lock file", () => {
  it("is the nearest of npm, pnpm or yarn, up to the top of the repository", () => {
    writeFileSync(join(dir, "package-lock.json"), "of somebody else\n");
    mkdirSync(join(dir, "repository", ".git"));
    expect(lockFileOf(campaign)).toBeUndefined();
    writeFileSync(join(dir, "repository", "pnpm-lock.yaml"), "1\n");
    expect(lockFileOf(campaign)).toEqual({ path: "../../pnpm-lock.yaml", sha256: sha256("1\n") });
    write("yarn.lock", "2\n");
    expect(lockFileOf(campaign)).toEqual({ path: "yarn.lock", sha256: sha256("2\n") });
  });
});
