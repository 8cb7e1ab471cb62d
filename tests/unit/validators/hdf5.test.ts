// HDF5: what is written is read back exactly, files of h5py are understood, and everything that is not a whole HDF5 file is refused with a sentence.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatasetOptions, Hdf5 } from "../../../src/author/hdf5.ts";
import type { Hdf5ChecksIR } from "../../../src/ir/stage.ts";
import { checkHdf5, loadHdf5 } from "../../../src/validators/hdf5/entry.ts";
import { slabs } from "../../../src/validators/hdf5/slabs.ts";

const PYTHON = "/usr/bin/python3";
const hasH5py = spawnSync(PYTHON, ["-c", "import h5py"]).status === 0;
if (!hasH5py) console.warn("H5PY TESTS SKIPPED: no h5py at /usr/bin/python3");

let folder: string;
let h5: Hdf5;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cmc-hdf5-"));
  h5 = await loadHdf5();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

const sample = (path: string): void =>
  h5.create(path, (f) => {
    f.dataset("galaxies/pos", { dtype: "f4", shape: [4, 3], data: Float32Array.from({ length: 12 }, (_, i) => i) });
    f.dataset("galaxies/mass", { dtype: "f8", shape: [4], data: Float64Array.of(1, 2, NaN, Infinity), gzip: 4 });
    f.dataset("ids", { dtype: "i8", shape: [2], data: BigInt64Array.of(9007199254740993n, -1n) });
    f.dataset("names", { dtype: "str", shape: [2], data: ["ä", "b c"] });
    f.attribute("/", "redshift", 1.4, "f8");
    f.attribute("/", "big", 9007199254740993n, "u8");
    f.attribute("/", "code", "häß", "str");
    f.attribute("galaxies", "lgmpMin", 12, "i4");
  });

describe("writer and reader", () => {
  const cases: [string, DatasetOptions][] = [
    ["f4", { dtype: "f4", shape: [2], data: Float32Array.of(1.5, -0) }],
    ["f8", { dtype: "f8", shape: [2, 2], data: Float64Array.of(1, NaN, -Infinity, 5e-324) }],
    ["i1", { dtype: "i1", shape: [2], data: Int8Array.of(-128, 127) }],
    ["u1", { dtype: "u1", shape: [2], data: Uint8Array.of(0, 255) }],
    ["i2", { dtype: "i2", shape: [2], data: Int16Array.of(-32768, 32767) }],
    ["u2", { dtype: "u2", shape: [1], data: Uint16Array.of(65535) }],
    ["i4", { dtype: "i4", shape: [1], data: Int32Array.of(-(2 ** 31)) }],
    ["u4", { dtype: "u4", shape: [1], data: Uint32Array.of(2 ** 32 - 1) }],
    ["i8", { dtype: "i8", shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) }],
    ["u8", { dtype: "u8", shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) }],
    ["str", { dtype: "str", shape: [3], data: ["", "漢字", "a b"] }],
    ["scalar", { dtype: "f8", shape: [], data: Float64Array.of(7) }],
    ["empty", { dtype: "f4", shape: [0, 3], data: new Float32Array(0) }],
    [
      "gzip",
      { dtype: "f4", shape: [1000, 400], data: Float32Array.from({ length: 400_000 }, (_, i) => i % 7), gzip: 1 },
    ],
  ];
  it.each(cases)("%s comes back exactly", (name, options) => {
    const path = at(`${name}.h5`);
    h5.create(path, (f) => f.dataset("a/b/x", options));
    h5.open(path, (f) => {
      expect(f.info("/a/b/x")).toEqual({ shape: options.shape, dtype: options.dtype });
      expect(f.read("a/b/x")).toEqual(options.data);
      expect([f.has("a/b"), f.has("a/c"), f.has("a/b/x/y"), f.keys("a")]).toEqual([true, false, false, ["b"]]);
    });
  });

  it("equal calls give equal bytes, whatever the time", async () => {
    sample(at("one.h5"));
    await new Promise((resolve) => setTimeout(resolve, 1100));
    sample(at("two.h5"));
    expect(readFileSync(at("one.h5")).equals(readFileSync(at("two.h5")))).toBe(true);
  });

  it("attributes keep their type; absent ones are undefined", () => {
    sample(at("attributes.h5"));
    h5.open(at("attributes.h5"), (f) => {
      expect([
        f.attribute("/", "redshift"),
        f.attribute("/", "big"),
        f.attribute("/", "code"),
        f.attribute("galaxies", "lgmpMin"),
        f.attribute("/", "no"),
      ]).toEqual([1.4, 9007199254740993n, "häß", 12, undefined]);
      expect([...f.numbers("ids")]).toEqual([9007199254740992, -1]);
      expect(() => f.numbers("names")).toThrow("holds text, not numbers");
      expect(() => f.read("galaxies")).toThrow("galaxies is a group, not a dataset");
      expect(() => f.keys("nope")).toThrow("has no nope");
    });
  });

  it.each<[string, (f: Parameters<Parameters<Hdf5["create"]>[1]>[0]) => void, string]>([
    ["length and shape", (f) => f.dataset("x", { dtype: "f4", shape: [3], data: new Float32Array(2) }), "x: shape [3] needs 3 values, 2 given"],
    ["twice", (f) => { f.dataset("x", { dtype: "f4", shape: [], data: new Float32Array(1) }); f.dataset("/x", { dtype: "f4", shape: [], data: new Float32Array(1) }); }, "/x exists already"],
    ["integers from floats", (f) => f.dataset("x", { dtype: "i4", shape: [1], data: Float64Array.of(1.5) }), "x: dtype i4 needs a Int32Array, got Float64Array"],
    ["overflow", (f) => f.attribute("/", "n", 1e12, "i4"), "attribute n: 1000000000000 does not fit i4"],
    ["text as number", (f) => f.attribute("/", "n", "1", "f8"), "attribute n: dtype f8 needs a number"],
    ["the task's own error", () => { throw new Error("mine"); }, "mine"],
  ])("refuses %s, and leaves no file", (_, write, message) => {
    const path = at("refused.h5");
    expect(() => h5.create(path, write)).toThrow(message);
    expect(() => readFileSync(path)).toThrow("ENOENT");
  }); // prettier-ignore
});

describe("slabs", () => {
  it("cover every element once, in order, within the limit", () => {
    for (const shape of [[10], [3, 7], [2, 3, 5], [1, 1, 9], []])
      for (const limit of [8, 24, 80, 1000]) {
        const seen: number[] = [];
        for (const ranges of slabs(shape, 8, limit)) {
          const index = ranges.map(([from]) => from);
          const size = ranges.reduce((product, [from, to]) => product * (to - from), 1);
          expect(size * 8).toBeLessThanOrEqual(Math.max(limit, 8));
          const flat = index.reduce((sum, i, axis) => sum * shape[axis]! + i, 0);
          for (let i = 0; i < size; i++) seen.push(flat + i);
        }
        expect(seen).toEqual(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i));
      }
  });
});

describe("checks", () => {
  const failed = async (path: string, checks: Partial<Hdf5ChecksIR>): Promise<string[]> => {
    const all = { datasets: {}, attributes: {}, exact: false, ...checks };
    const facts = await checkHdf5({
      output: "o",
      path,
      checks: all,
      point: { redshift: 1.4, box: "b1", flag: true },
      params: { lgmpMin: 12, nested: { code: "häß" } },
    });
    expect(facts.length).toBeGreaterThan(0);
    return facts.filter((fact) => !fact.passed).map((fact) => `${fact.check}: ${fact.message}`);
  };

  it.each<[string, Partial<Hdf5ChecksIR>, string[]]>([
    ["everything as declared", { datasets: { "galaxies/pos": { dtype: "f4", shape: ["n", 3], finite: 1, range: { min: 0, max: 11 } }, "/galaxies/mass": { dtype: "f8", shape: ["n"], finite: 0.5, range: { min: 1, max: 2 } }, ids: { dtype: "i8", range: { min: -1 } }, names: { dtype: "str" }, opt: { optional: true } }, attributes: { redshift: { echo: "redshift", tolerance: 1e-9 }, "galaxies@lgmpMin": { echo: "params.lgmpMin", tolerance: 0 }, code: { echo: "params.nested.code", tolerance: 0 }, big: { exists: true } }, exact: true }, []],
    ["missing dataset", { datasets: { "galaxies/vel": {} } }, ["hdf5/dataset: galaxies/vel is missing"]],
    ["dtype", { datasets: { "galaxies/pos": { dtype: "f8" } } }, ["hdf5/dtype: galaxies/pos is f4, must be f8"]],
    ["rank", { datasets: { "galaxies/pos": { shape: [4] } } }, ["hdf5/shape: galaxies/pos has shape [4, 3], must have 1 dimensions [4]"]],
    ["extent", { datasets: { "galaxies/pos": { shape: ["n", 2] } } }, ["hdf5/shape: galaxies/pos has shape [4, 3], must be [n, 2]"]],
    ["shared symbol", { datasets: { "galaxies/pos": { shape: ["n", 3] }, ids: { shape: ["n"] } } }, ["hdf5/shape: ids has shape [2], but n = 4 by galaxies/pos"]],
    ["finite", { datasets: { "galaxies/mass": { finite: 1 } } }, ["hdf5/finite: galaxies/mass: 2 of 4 values are not finite; all must be"]],
    ["range", { datasets: { "galaxies/pos": { range: { max: 10 } } } }, ["hdf5/range: galaxies/pos: values from 0 to 11, must lie in [-inf, 10]"]],
    ["text has no range", { datasets: { names: { finite: 1 } } }, ["hdf5/values: names holds text, not numbers"]],
    ["unlisted", { datasets: { ids: {} }, exact: true }, ["hdf5/exact: has datasets that are not listed: galaxies/mass, galaxies/pos, names"]],
    ["echo", { attributes: { "galaxies@lgmpMin": { echo: "redshift", tolerance: 1e-9 } } }, ["hdf5/echo: attribute galaxies@lgmpMin is 12, but the job was asked for redshift = 1.4"]],
    ["echo of nothing", { attributes: { redshift: { echo: "params.zz", tolerance: 1 } } }, ["hdf5/echo: attribute redshift cannot be compared: the job has no params.zz"]],
    ["tolerance", { attributes: { redshift: { echo: "params.lgmpMin", tolerance: 0.9 } } }, []],
    ["equals", { attributes: { code: { equals: "x" }, redshift: { equals: 1.4 } } }, ['hdf5/equals: attribute code is "häß", must be "x"']],
    ["absent attribute", { attributes: { a: { exists: true }, "no/where@b": { exists: true } } }, ["hdf5/attribute: attribute a is missing", "hdf5/attribute: attribute no/where@b is missing: no/where is not there"]],
  ])("%s", async (_, checks, messages) => {
    sample(at("checked.h5"));
    expect(await failed(at("checked.h5"), checks)).toEqual(messages);
  }); // prettier-ignore

  it.each<[string, (path: string) => void, RegExp]>([
    [
      "truncated by a byte",
      (path) => truncate(path, -1),
      /^hdf5\/readable: cannot be opened, it is truncated or damaged: /,
    ],
    [
      "truncated by half",
      (path) => truncate(path, 0.5),
      /^hdf5\/readable: cannot be opened, it is truncated or damaged: /,
    ],
    ["empty", (path) => writeFileSync(path, ""), /^hdf5\/readable: is empty \(0 bytes\)$/],
    [
      "text",
      (path) => writeFileSync(path, "Traceback (most recent call last)\n"),
      /^hdf5\/readable: is text, not HDF5: "Traceback/,
    ],
    [
      "garbage",
      (path) => writeFileSync(path, Buffer.from([0, 1, 2, 255, 254])),
      /^hdf5\/readable: is not HDF5 \(5 bytes, no signature\)$/,
    ],
    [
      "only a signature",
      (path) => writeFileSync(path, Buffer.from("\x89HDF\r\n\x1a\n", "latin1")),
      /^hdf5\/readable: cannot be opened/,
    ],
    ["absent", (path) => rmSync(path), /^hdf5\/readable: is not there$/],
  ])("%s is refused", async (_, spoil, message) => {
    const path = at("spoilt.h5");
    sample(path);
    spoil(path);
    const messages = await failed(path, { datasets: { "galaxies/pos": {} } });
    expect(messages).toEqual([expect.stringMatching(message)]);
    expect(messages[0]).not.toContain(path);
  });
});

describe.skipIf(!hasH5py)("files of h5py", () => {
  const script = `
import h5py, numpy as np, sys
with h5py.File(sys.argv[1], "w") as f:
    g = f.create_group("galaxies")
    g.create_dataset("pos", data=np.arange(3000, dtype="f4").reshape(1000, 3), chunks=(100, 3), compression="gzip", shuffle=True, fletcher32=True)
    g.create_dataset("big_endian", data=np.array([1, 2, 3], dtype=">f8"))
    g.create_dataset("flag", data=np.array([True, False]))
    g.create_dataset("i8", data=np.array([2**60 + 1], dtype="i8"), maxshape=(None,))
    g.create_dataset("names", data=np.array([b"ab", b"c"], dtype="S4"))
    f.create_dataset("vlen", data=["\\u00e4", "b"], dtype=h5py.string_dtype())
    f.create_dataset("compound", data=np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
    f.create_dataset("half", data=np.zeros(2, dtype="f2"))
    f.create_dataset("lzf", data=np.arange(1000, dtype="f8"), compression="lzf")
    f.attrs["z"] = 1.4
    f.attrs["z4"] = np.float32(1.4)
    f.attrs["n"] = 7
    f.attrs["one"] = np.array([3.5])
    f.attrs["many"] = np.array([1.0, 2.0])
    f.attrs["name"] = "h\\u00e4\\u00df"
    f.attrs["flag"] = True
`;
  let path: string;
  beforeAll(() => {
    path = at("h5py.h5");
    execFileSync(PYTHON, ["-c", script, path]);
  });

  it("are read: gzip, shuffle, checksums, big-endian, booleans, fixed and variable text", () => {
    h5.open(path, (f) => {
      expect(f.info("galaxies/pos")).toEqual({ shape: [1000, 3], dtype: "f4" });
      expect(f.numbers("galaxies/pos")[2999]).toBe(2999);
      expect([...f.numbers("galaxies/big_endian")]).toEqual([1, 2, 3]);
      expect([...f.numbers("galaxies/flag")]).toEqual([1, 0]);
      expect(f.read("galaxies/i8")).toEqual(BigInt64Array.of(2n ** 60n + 1n));
      expect([f.read("galaxies/names"), f.read("vlen")]).toEqual([
        ["ab", "c"],
        ["ä", "b"],
      ]);
      expect(["z", "n", "one", "name"].map((name) => f.attribute("/", name))).toEqual([1.4, 7n, 3.5, "häß"]);
      expect(() => f.attribute("/", "many")).toThrow("attribute many is not a single number or text");
      expect(() => f.read("compound")).toThrow("compound has a type that is not supported: compound");
      expect(() => f.read("half")).toThrow("half has a type that is not supported: f2");
      expect(() => f.read("lzf")).toThrow("lzf cannot be read");
    });
  });

  it("are checked; a float32 echo needs its tolerance", async () => {
    const check = (attributes: Hdf5ChecksIR["attributes"], datasets: Hdf5ChecksIR["datasets"] = {}) =>
      checkHdf5({
        output: "o",
        path,
        checks: { datasets, attributes, exact: false },
        point: { z: 1.4, flag: true },
        params: {},
      }).then((facts) => facts.filter((fact) => !fact.passed).map((fact) => fact.message));
    expect(await check({ z: { echo: "z", tolerance: 1e-9 }, flag: { echo: "flag", tolerance: 0 } })).toEqual([]);
    expect(await check({ z4: { echo: "z", tolerance: 1e-9 } })).toEqual([
      "attribute z4 is 1.399999976158142, but the job was asked for z = 1.4",
    ]);
    expect(await check({ z4: { echo: "z", tolerance: 1e-6 } })).toEqual([]);
    expect(await check({}, { compound: { dtype: "f4" }, lzf: { finite: 1 } })).toEqual([
      "compound is compound, must be f4",
      expect.stringContaining("lzf cannot be read"),
    ]);
  });

  it("damaged inside: a fact, never a crash", async () => {
    const spoilt = at("flipped.h5");
    copyFileSync(path, spoilt);
    const bytes = readFileSync(spoilt);
    const middle = Math.floor(bytes.length / 2);
    for (let i = 0; i < 200; i++) bytes[middle + i]! ^= 255;
    writeFileSync(spoilt, bytes);
    const facts = await checkHdf5({
      output: "o",
      path: spoilt,
      checks: { datasets: { "galaxies/pos": { finite: 1 }, lzf: {}, half: {} }, attributes: {}, exact: false },
      point: {},
      params: {},
    });
    expect(Array.isArray(facts)).toBe(true);
  });

  it("ours are read by h5py", () => {
    sample(at("ours.h5"));
    const read = `import h5py, sys; f = h5py.File(sys.argv[1]); print(f["galaxies/pos"][3, 2], f["galaxies/mass"].compression, f["ids"][0], f["names"][0].decode(), f.attrs["code"], f.attrs["big"], f["galaxies"].attrs["lgmpMin"].dtype)`;
    expect(execFileSync(PYTHON, ["-c", read, at("ours.h5")], { encoding: "utf8" }).trim()).toBe(
      "11.0 gzip 9007199254740993 ä häß 9007199254740993 int32",
    );
  });
});

function truncate(path: string, by: number): void {
  const { length } = readFileSync(path);
  truncateSync(path, by < 0 ? length + by : Math.floor(length * by));
}
