// The launcher's two parts.
import { expect, it } from "vitest";
import { launchOf } from "../../../src/site/launch.ts";

it.each([
  [[], { words: [] }],
  [["srun"], { srun: [], words: [] }],
  [["srun", "--export=ALL", "-v"], { srun: ["--export=ALL", "-v"], words: [] }],
  [["srun", "--export=ALL", "numactl", "--localalloc"], { srun: ["--export=ALL"], words: ["numactl", "--localalloc"] }],
  [["shifter", "--image=x"], { words: ["shifter", "--image=x"] }],
])("%j", (launcher, parts) => expect(launchOf({ launcher })).toEqual(parts));
