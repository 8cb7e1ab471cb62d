// Writing what was imported: all or nothing, and never over what somebody else wrote.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeFiles } from "../../../src/import/write.ts";
import { filesIn } from "../../helpers/folder.ts";
import { folderOf } from "./scratch.ts";

const files = (folder: string) =>
  new Map([
    [join(folder, "new", "sites", "a.yaml"), "a"],
    [join(folder, "new", "campaign.ts"), "b"],
  ]);

it("writes, and leaves alone what is the same", () => {
  const folder = folderOf({});
  const options = { cwd: folder, force: false };
  expect(writeFiles(files(folder), options)).toEqual([...files(folder).keys()]);
  expect(filesIn(folder)).toEqual(["new/campaign.ts", "new/sites/a.yaml"]);
  const before = statSync(join(folder, "new", "campaign.ts")).ino;
  expect(writeFiles(files(folder), options)).toEqual([]);
  expect(statSync(join(folder, "new", "campaign.ts")).ino).toBe(before);
});

it("refuses what says something else, and writes nothing of the rest; force replaces it", () => {
  const folder = folderOf({ "new/campaign.ts": "mine" });
  const write = (force: boolean) => writeFiles(files(folder), { cwd: folder, force });
  expect(() => write(false)).toThrow(
    "import/exists: new/campaign.ts is there and says something else: nothing was written",
  );
  expect(filesIn(folder)).toEqual(["new/campaign.ts"]);
  expect(readFileSync(join(folder, "new", "campaign.ts"), "utf8")).toBe("mine");
  expect(write(true)).toHaveLength(2);
  expect(readFileSync(join(folder, "new", "campaign.ts"), "utf8")).toBe("b");
});

it("does not replace a folder, forced or not", () => {
  const folder = folderOf({ "new/campaign.ts/x": "" });
  expect(() => writeFiles(files(folder), { cwd: folder, force: true })).toThrow("import/exists");
  expect(filesIn(folder)).toEqual(["new/campaign.ts/x"]);
});

it("leaves nothing behind when a write fails", () => {
  const folder = folderOf({ blocked: "a file" });
  const wanted = new Map([...files(folder), [join(folder, "blocked", "campaign.ts"), "c"]]);
  expect(() => writeFiles(wanted, { cwd: folder, force: false })).toThrow("state/unwritable");
  expect(readdirSync(folder)).toEqual(["blocked"]);
});

it.skipIf(process.getuid?.() === 0)("leaves nothing behind in a folder that cannot be written", () => {
  const folder = folderOf({});
  mkdirSync(join(folder, "new", "sites"), { recursive: true });
  writeFileSync(join(folder, "new", "kept"), "");
  chmodSync(join(folder, "new"), 0o555);
  expect(() => writeFiles(files(folder), { cwd: folder, force: false })).toThrow("state/unwritable");
  chmodSync(join(folder, "new"), 0o755);
  expect(existsSync(join(folder, "new", "sites", "a.yaml"))).toBe(false);
});
