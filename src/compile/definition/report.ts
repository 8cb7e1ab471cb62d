// `report` of a campaign -> IR: outputs of stages with a single job, shown when everything is done.
import type { ReportIR } from "../../ir/campaign.ts";
import type { OutputRef } from "../../ir/stage.ts";
import type { DescribedStage } from "../realm/protocol.ts";
import { type Reader, onlyKnown } from "./reader.ts";
import { shapeOf } from "./stage.ts";

export function reportIR(from: Reader, byName: ReadonlyMap<string, DescribedStage>): ReportIR {
  onlyKnown(from, ["text", "figures"], "report");
  const refs = (name: "text" | "figures"): OutputRef[] => {
    const handles = (from.fields[name] ?? []) as { stage?: string; output?: string }[];
    return handles.flatMap(({ stage, output }) => {
      const described = byName.get(stage ?? "");
      if (!described)
        from.report("compile/unlisted-stage", `report.${name} names stage ${stage}, which is not in the campaign`, [
          ...from.at,
          name,
        ]);
      else if (shapeOf(described).axes.length > 0)
        from.report(
          "compile/bad-definition",
          `report.${name} names stage ${stage}, which has more than one job`,
          [...from.at, name],
          "Name outputs of stages without a matrix.",
        );
      return stage === undefined || output === undefined ? [] : [{ stage, output }];
    });
  };
  return { text: refs("text"), figures: refs("figures") };
}
