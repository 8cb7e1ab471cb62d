// Random instants: applies, workers and jobs are killed, stopped and told to end while a campaign runs, again and again. `npm run chaos` is
// the same for as long as one likes. A failure prints the seed; the same seed gives the same intentions, not the same instants.
import { afterAll, expect, it } from "vitest";
import { CHAOS_FILES } from "../helpers/chaos-campaign.ts";
import { endEverybody } from "../helpers/chaos-life.ts";
import { soak } from "../helpers/chaos-rounds.ts";
import { makeRig } from "../helpers/cli.ts";

const rig = makeRig(CHAOS_FILES);
afterAll(() => {
  endEverybody(rig);
  rig.dispose();
});

it("whatever is killed at whatever instant, every job is done once and nothing is half-written", async () => {
  const seed = Number(process.env["CHAOS_SEED"] ?? Date.now() % 1_000_000);
  const story: string[] = [];
  const { problems } = await soak(rig, { seed, rounds: 15, boxes: 1, onRound: (line) => story.push(line) });
  expect(problems, `CHAOS_SEED=${seed}\n${story.join("\n")}`).toEqual([]);
}, 300_000);
