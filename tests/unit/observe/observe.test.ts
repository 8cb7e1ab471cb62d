// Listings against real files: everything that can happen to an output behind our back, and odd names.
import { spawnSync } from "node:child_process";
import { buildSync } from "esbuild";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startInputListing, startOutputListing, type ListingOptions } from "../../../src/observe/listing.ts";
import { factsOf, observe } from "../../../src/observe/observe.ts";
import { inputPlaces } from "../../../src/observe/places.ts";
import { DISK } from "../../../src/observe/walk.ts";
import { sha256 } from "../../../src/ir/canonical.ts";
import { folderFact, mtimeText } from "../../../src/worker/file-fact.ts";
import { buildTable } from "../../helpers/table.ts";

let root: string;
beforeEach(() => (root = realpathSync(mkdtempSync(join(tmpdir(), "cmc-observe-")))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string | Buffer, text = "data"): string | Buffer {
  const full = typeof path === "string" ? join(root, path) : Buffer.concat([Buffer.from(`${root}/`), path]);
  if (typeof full === "string") mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

const look = (options?: ListingOptions) => startOutputListing(root, options).finish();

describe.each([
  ["find", { find: true }],
  ["in-process", { find: false }],
])("outputs by %s", (_, options) => {
  it("sees size and time to the nanosecond, as the worker writes them", async () => {
    put("catalogs/r1/a.h5", "12345");
    const { records } = await look(options);
    const { mtimeNs } = statSync(join(root, "catalogs/r1/a.h5"), { bigint: true });
    expect(records.output("catalogs/r1/a.h5")).toEqual({
      path: "catalogs/r1/a.h5",
      size: 5,
      mtime: mtimeText(mtimeNs),
    });
    expect(records.output("catalogs/r1/b.h5")).toBeUndefined();
    expect(records.output("elsewhere/b.h5")).toBeUndefined();
  });

  it("notices modification in place, truncation, touch, deletion and foreign files", async () => {
    for (const name of ["a", "b", "c", "d"]) put(`out/${name}`, "0123456789");
    const before = await look(options);
    const same = await look(options);
    expect(same.digest).toBe(before.digest);
    const changes: (() => void)[] = [
      () => appendFileSync(join(root, "out/a"), "more"),
      () => truncateSync(join(root, "out/b"), 3),
      () => utimesSync(join(root, "out/c"), 1, 2),
      () => rmSync(join(root, "out/d")),
      () => put("out/foreign"),
    ];
    let last = before.digest;
    for (const change of changes) {
      change();
      const { digest } = await look(options);
      expect(digest).not.toBe(last);
      last = digest;
    }
    const { records } = await look(options);
    expect(records.output("out/a")?.size).toBe(14);
    expect(records.output("out/b")?.size).toBe(3);
    expect(records.output("out/c")?.mtime).toBe("2.000000000");
    expect(records.output("out/d")).toBeUndefined();
  });

  it("does not look into the folders of cmc", async () => {
    put("out/a");
    const before = await look(options);
    for (const folder of ["metadata", "journal", "claims", "staging", "logs"]) put(`${folder}/x/y`);
    const after = await look(options);
    expect(after.digest).toBe(before.digest);
    expect(after.records.output("staging/x/y")).toBeUndefined();
    put("out/staging/x");
    expect((await look(options)).records.output("out/staging/x")?.size).toBe(4);
  });

  it("reads odd names byte for byte", async () => {
    for (const name of ["with space", "new\nline", "tab\there", "naïve-β", "quote'\"", "-rf", "a\\0b", "%s"])
      put(`odd/${name}`);
    put(Buffer.concat([Buffer.from("odd/"), Buffer.from([0xff, 0xfe])]));
    const { records } = await look(options);
    for (const name of ["with space", "new\nline", "tab\there", "naïve-β", "quote'\"", "-rf", "a\\0b", "%s"])
      expect(records.output(`odd/${name}`)?.size).toBe(4);
    expect(records.output("odd/\ufffd\ufffd")).toBeUndefined();
  });

  it("sums folders as the worker does", async () => {
    put("maps/m1/a", "1");
    put("maps/m1/sub/b", "22");
    put("maps/m10/c", "333");
    symlinkSync("/etc/hostname", join(root, "maps/m1/link"));
    const { records } = await look(options);
    expect(records.output("maps/m1")).toEqual({ path: "maps/m1", ...folderFact(join(root, "maps/m1")) });
    mkdirSync(join(root, "maps/empty"));
    expect((await look(options)).records.output("maps/empty")).toEqual({
      path: "maps/empty",
      ...folderFact(join(root, "maps/empty")),
    });
  });

  it("follows a folder that was moved away and linked", async () => {
    const away = realpathSync(mkdtempSync(join(tmpdir(), "cmc-away-")));
    mkdirSync(join(away, "r1"));
    writeFileSync(join(away, "r1/a.h5"), "abc");
    symlinkSync(away, join(root, "catalogs"));
    symlinkSync(root, join(root, "loop"));
    symlinkSync("nowhere", join(root, "dangling"));
    const before = await look(options);
    expect(before.records.output("catalogs/r1/a.h5")?.size).toBe(3);
    expect(before.records.output("dangling")).toBeUndefined();
    appendFileSync(join(away, "r1/a.h5"), "d");
    expect((await look(options)).digest).not.toBe(before.digest);
    rmSync(away, { recursive: true });
  });

  it("sees 5,000 files and counts the folders it read", async () => {
    for (let r = 0; r < 50; r++) for (let z = 0; z < 100; z++) put(`catalogs/r${r}/z${z}`);
    const { records, folders } = await look(options);
    expect(folders).toBeGreaterThanOrEqual(51);
    expect(folders).toBeLessThanOrEqual(52);
    for (let r = 0; r < 50; r++)
      for (let z = 0; z < 100; z++) expect(records.output(`catalogs/r${r}/z${z}`)?.size).toBe(4);
  });

  it.skipIf(process.getuid?.() === 0)("refuses a folder it may not read", async () => {
    put("out/a");
    chmodSync(join(root, "out"), 0);
    await expect(look(options)).rejects.toThrow("observe/unreadable");
    chmodSync(join(root, "out"), 0o755);
  });

  it("finds external inputs, links followed, and hashes only on demand", async () => {
    put("in/many/a", "1");
    for (const name of ["b", "c", "d", "e"]) put(`in/many/${name}`, "1");
    put("in/few/x", "xyz");
    symlinkSync(join(root, "in/few/x"), join(root, "in/many/link"));
    mkdirSync(join(root, "in/folder"));
    const names = [
      "many/a",
      "many/b",
      "many/c",
      "many/d",
      "many/link",
      "many/absent",
      "few/x",
      "few/absent",
      "gone/z",
      "folder",
      "many/../few/x",
      "./few/x",
    ];
    const table = buildTable([{ name: "s", inputs: { all: { files: () => names } } }]);
    const places = inputPlaces(table, join(root, "in"));
    expect(places.folders).toEqual([join(root, "in/many")]);
    const inputs = await startInputListing(places, options).finish();
    const facts = factsOf({
      outputs: await look(options),
      inputs,
      campaignDir: join(root, "in"),
      live: false,
      cacheDir: join(root, "cache"),
    });
    expect(names.filter((name) => facts.input(name))).toEqual([
      "many/a",
      "many/b",
      "many/c",
      "many/d",
      "many/link",
      "few/x",
      "folder",
      "many/../few/x",
      "./few/x",
    ]);
    expect(facts.input("many/link")).toMatchObject({ path: "many/link", size: 3 });
    expect(facts.input("folder")?.mtime).toBe(mtimeText(statSync(join(root, "in/folder"), { bigint: true }).mtimeNs));
    expect(existsSync(join(root, "cache"))).toBe(false);
    expect(facts.input("few/x")?.sha256).toBe(sha256("xyz"));
    expect(readdirSync(join(root, "cache/content"))).toHaveLength(1);
    expect(facts.input("few/x")?.sha256).toBe(sha256("xyz"));
  });
});

it("is empty where there is no campaign root", async () => {
  const table = buildTable([{ name: "s" }]);
  const { observations, folders } = await observe(table, join(root, "nothing"), root, false);
  expect(observations.output("s/one.json")).toBeUndefined();
  expect(folders).toBe(0);
});

it("falls back when find does not know -printf", async () => {
  put("out/a");
  put("bin/find", '#!/bin/sh\necho "find: unrecognized: -printf" >&2\nexit 1\n');
  chmodSync(join(root, "bin/find"), 0o755);
  const path = process.env["PATH"];
  process.env["PATH"] = `${join(root, "bin")}:${path}`;
  try {
    expect((await look()).records.output("out/a")?.size).toBe(4);
    process.env["PATH"] = "/nonexistent";
    expect((await look()).records.output("out/a")?.size).toBe(4);
  } finally {
    process.env["PATH"] = path;
  }
});

it("the find listing asks the disk nothing from this process", async () => {
  for (let i = 0; i < 200; i++) put(`out/${i}`);
  let calls = 0;
  const disk = {
    list: (f: string) => (calls++, DISK.list(f)),
    look: (p: Buffer, follow: boolean) => (calls++, DISK.look(p, follow)),
  };
  await look({ disk });
  expect(calls).toBe(0);
  await look({ find: false, disk });
  expect(calls).toBeGreaterThan(200);
});

it("a refused folder is an error, a vanished file is not", async () => {
  put(
    "bin/find",
    "#!/bin/sh\nprintf 'f4 1.5 ./out/a\\0'\nprintf \"find: './gone': No such file or directory\\n$REFUSED\" >&2\nexit 1\n",
  );
  chmodSync(join(root, "bin/find"), 0o755);
  const path = process.env["PATH"];
  process.env["PATH"] = `${join(root, "bin")}:${path}`;
  try {
    expect((await look()).records.output("out/a")).toEqual({ path: "out/a", size: 4, mtime: "1.500000000" });
    process.env["REFUSED"] = "find: './b': Permission denied";
    await expect(look()).rejects.toThrow("observe/unreadable: in " + root + ": ./b (Permission denied)");
  } finally {
    process.env["PATH"] = path;
    delete process.env["REFUSED"];
  }
});

it.skipIf(spawnSync("strace", ["-V"]).error !== undefined)("no file is looked at by this process (strace)", () => {
  for (let i = 0; i < 500; i++) put(`out/${i % 5}/file${i}`);
  const bundle = join(root, "metadata/listing.mjs");
  buildSync({
    entryPoints: ["src/observe/listing.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: bundle,
    logLevel: "silent",
  });
  const script = `const l = await (await import(${JSON.stringify(bundle)})).startOutputListing(${JSON.stringify(root)}).finish(); process.exit(l.records.output("out/1/file1").size === 4 ? 0 : 1)`;
  const trace = join(root, "metadata/trace");
  const calls = "trace=execve,stat,lstat,newfstatat,statx,getdents64";
  expect(
    spawnSync("strace", ["-ff", "-e", calls, "-o", trace, process.execPath, "--input-type=module", "-e", script])
      .status,
  ).toBe(0);
  const traces = readdirSync(join(root, "metadata"))
    .filter((name) => name.startsWith("trace."))
    .map((name) => readFileSync(join(root, "metadata", name), "utf8"));
  const finds = traces.filter((text) => /execve\([^)]*"find"/.test(text));
  const others = traces.filter((text) => !finds.includes(text));
  expect(finds).toHaveLength(1);
  expect(finds[0]!.match(/getdents64\(/g)!.length).toBeLessThanOrEqual(2 * 8);
  expect(others.join("").match(/file\d/g)).toBeNull();
});
