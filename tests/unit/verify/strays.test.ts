// Which files in a campaign root nobody accounts for, and whose the others are.
import { expect, it } from "vitest";
import { Records } from "../../../src/observe/records.ts";
import { rosterOf } from "../../../src/verify/judge.ts";
import { strayFolders, straysOf } from "../../../src/verify/strays.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";

const MOCK: StageSpec = {
  name: "mock",
  axes: { n: [0, 1] },
  outputs: { catalog: ({ n }) => `mock/${n}.h5`, tree: ({ n }) => `tree/${n}` },
  dirs: ["tree"],
};

function strays(w: World, paths: readonly string[]) {
  const records = new Records(Buffer.from(paths.map((path) => `${path.endsWith("/") ? "d0 0" : "f7 1.5"} ./${path.replace(/\/$/, "")}\0`).join(""))); // prettier-ignore
  const state = w.state();
  return straysOf(w.table, state, rosterOf(w.table, state), records);
}
const said = (w: World, paths: readonly string[]) => strays(w, paths).map(({ kind, path, key }) => [kind, path, ...(key ? [key] : [])].join(" ")); // prettier-ignore

it("outputs of the campaign are nobody's strays, with a receipt or without; files in an output folder are the folder's", () => {
  const w = new World(buildTable([MOCK])).run().succeed("mock[n=0]");
  const paths = ["mock/", "mock/0.h5", "mock/1.h5", "tree/", "tree/1/", "tree/1/a/", "tree/1/a/b", "tree/0/x"];
  expect(said(w, paths)).toEqual([]);
});

it("all other files are foreign, also beside outputs; what cmc keeps during runs on a cluster is not", () => {
  const w = new World(buildTable([MOCK])).run().succeedAll();
  const paths = ["notes.txt", "mock/0.h5.bak", "tree/README", "mock/é.h5", "submissions/t.tasks", "pool/p/1", "checkpoints/k/c"]; // prettier-ignore
  expect(said(w, paths)).toEqual([
    "foreign notes.txt",
    "foreign mock/0.h5.bak",
    "foreign tree/README",
    "foreign mock/é.h5",
  ]);
});

it("what jobs left behind that are no longer in the campaign is theirs, forgotten or not", () => {
  const w = new World(buildTable([MOCK]))
    .run()
    .succeedAll()
    .edited(buildTable([{ ...MOCK, axes: { n: [1] } }]));
  const paths = ["mock/0.h5", "mock/1.h5", "tree/0/a"];
  const left = ["left-behind mock/0.h5 mock[n=0]", "left-behind tree/0/a mock[n=0]"];
  expect(said(w, paths)).toEqual(left);
  expect(said(w.forgetJobs("mock[n=0]"), paths)).toEqual(left);
});

it("what an earlier receipt made at another path is told apart", () => {
  const w = new World(buildTable([MOCK])).run().succeedAll();
  const moved = w.edited(buildTable([{ ...MOCK, outputs: { ...MOCK.outputs, catalog: ({ n }) => `new/${n}.h5` } }]));
  // Not run again yet: the old place is that of the result.
  expect(said(moved, ["mock/0.h5", "new/0.h5"])).toEqual([]);
  moved.succeed("mock[n=0]");
  expect(said(moved, ["mock/0.h5", "new/0.h5"])).toEqual(["earlier mock/0.h5 mock[n=0]"]);
});

it("folders sum up their files, foreign ones first", () => {
  const w = new World(buildTable([MOCK]))
    .run()
    .succeedAll()
    .edited(buildTable([{ ...MOCK, axes: { n: [1] } }]));
  expect(strayFolders(strays(w, ["mock/0.h5", "a/x", "a/y", "top"]))).toEqual([
    { kind: "foreign", folder: "a", files: 2, bytes: 14, first: "x" },
    { kind: "foreign", folder: ".", files: 1, bytes: 7, first: "top" },
    { kind: "left-behind", folder: "mock", files: 1, bytes: 7, first: "0.h5" },
  ]);
});
