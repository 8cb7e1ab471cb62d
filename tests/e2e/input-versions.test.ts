// A survey publishes its catalogues as releases: inputs that are compared by the release, by the clock, or by content.
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, inputFile, inputFiles } from "cmc";
const field = axis.list("field", ["north", "south"]);
export const measure = defineStage({ name: "measure", matrix: [field] }, {
  inputs: { catalog: inputFile(({ field }) => \`survey/\${field}.fits\`), masks: inputFiles(() => ["survey/a.msk", "survey/b.msk"]) },
  outputs: { table: file(({ field }) => \`\${field}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["cp", inputs.catalog, outputs.table]) });
export default defineCampaign({ name: "survey", version: "v1.0", stages: [measure], outputs: { base: "runs" } });
`;
const declared = (catalog: string, masks = '"M1"') =>
  CAMPAIGN.replace(".fits`)", ".fits`, { compare: { version: " + catalog + " } })").replace(
    '.msk"])',
    `.msk"], { compare: { version: ${masks} } })`,
  );
const BY_FIELD = '({ field }) => (field === "north" ? "DR1" : "DR0")';

describe("inputs by version", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  for (const name of ["north.fits", "south.fits", "a.msk", "b.msk"]) rig.write(`survey/${name}`, name);
  const touch = (name: string, year: number) => utimesSync(join(rig.dir, "survey", name), year, year);
  afterAll(rig.dispose);

  it("a version declared for finished jobs reruns nothing and is noted once", async () => {
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    rig.write("campaign.ts", declared('"DR1"'));
    const { out } = await rig.cmc(["plan"]);
    expect(out).toContain("\nnote: measure: no version of its inputs was recorded for 2 jobs; they are kept.\n");
    expect(out).toContain("Plan: 0 new, 0 rerun, 0 retry, 0 adopt, 0 blocked, 2 unchanged.\n");
  });

  it("made under a version: the receipt has it, and files that were copied again are no change", async () => {
    expect(await rig.cmc(["apply", "--auto-approve", "--replace", "measure"])).toMatchObject({ code: 0, err: "" });
    for (const name of ["north.fits", "south.fits", "a.msk"]) touch(name, 1_000_000_000);
    rig.write("survey/b.msk", "of another size");
    expect(await planLines(rig)).toEqual([]);
  });

  it("another release reruns, and both are named", async () => {
    rig.write("campaign.ts", declared('"DR2"', '"M2"'));
    expect(await planLines(rig)).toEqual(["measure rerun input_changed 2"]);
    expect((await rig.cmc(["plan", "-v"])).out).toContain(
      '-/+ measure[field=north]  input_changed\n      catalog: survey/north.fits version: "DR1" -> "DR2"\n' +
        '      masks: survey/a.msk version: "M1" -> "M2"\n',
    );
    const changes = (await rig.json(["plan", "-v"])).filter(({ type }) => type === "change");
    expect(changes[0]).toMatchObject({
      details: [
        { type: "input", port: "catalog", path: "survey/north.fits", what: "version", old: "DR1", new: "DR2" },
        { type: "input", port: "masks", what: "version", old: "M1", new: "M2" },
      ],
    });
  });

  it("as a function of the point, only the field whose release is another", async () => {
    rig.write("campaign.ts", declared(BY_FIELD));
    expect(await planJobs(rig)).toEqual(["measure[field=south] rerun input_changed"]);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(await planLines(rig)).toEqual([]);
    expect(await planLines(rig)).toEqual([]);
  });

  it("compared by the clock again, the times of the receipts count; by content, what they have of it", async () => {
    rig.write("campaign.ts", CAMPAIGN);
    expect(await planJobs(rig)).toEqual(["measure[field=north] rerun input_changed"]);
    rig.write("campaign.ts", declared(BY_FIELD));
    expect(await planLines(rig)).toEqual([]);
  });

  it("a version that is no text is refused where it stands", async () => {
    rig.write("campaign.ts", declared('""'));
    const empty = await rig.cmc(["plan"]);
    expect(empty.code).toBe(3);
    expect(empty.err).toContain(
      'error compile/bad-definition: compare: version is ""; expected one line of text\n  campaign.ts:5:',
    );
    rig.write("campaign.ts", declared('({ field }) => (field === "north" ? "DR1" : " ")'));
    const blank = await rig.cmc(["plan"]);
    expect(blank.code).toBe(3);
    expect(blank.err).toContain(
      'error compile/bad-definition: the version of input catalog is " "\n  job: measure[field=south]',
    );
    rig.write("campaign.ts", declared("({ feld }) => feld"));
    expect((await rig.cmc(["plan"])).err).toContain("error compile/unknown-axis: feld is no axis of the stage\n");
  });
});
