// What a run on a cluster must not take for done: members of quorums that have receipts of before, and are left as they are.
import { expect, it } from "vitest";
import { staleMembers } from "../../../src/apply/stale-members.ts";
import { resolveNames } from "../../../src/plan/narrow/named.ts";
import { buildTable } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";

const table = (code: string) =>
  buildTable([
    { name: "mock", axes: { n: [0, 1, 2, 3] }, code },
    { name: "cov", inputs: { mocks: { quorum: "mock.out", over: ["n"], fraction: 0.5 } } },
  ]);

it("names those that were excluded or gave up, and from which attempt on a success counts", () => {
  const done = new World(table("old")).run().succeed(0).succeed(1).succeed(1).succeed(2);
  const world = done.edited(table("new"));
  for (let i = 0; i < 3; i++) world.fail(2, "exit");
  const resolved = resolveNames(world.table, ["mock[n=1]"]);
  const plan = world.plan("named" in resolved ? { exclude: resolved.named } : {});
  expect(plan.batches.map((batch) => [...batch.rows])).toEqual([[0, 3], [4]]);
  expect(staleMembers(plan, world.state())).toEqual({ "mock[n=1]": 3, "mock[n=2]": 5 });
});

it("is nothing where all is planned or kept", () => {
  const world = new World(table("old")).run().succeed(0);
  expect(staleMembers(world.plan(), world.state())).toEqual({});
});
