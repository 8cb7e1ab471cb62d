// One evaluation of a campaign, repeated until every folder it lists has been looked into.
import { dirname } from "node:path";
import { DiagnosticError, fail } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../definition/suggest.ts";
import { type Outside, takeListing } from "../given.ts";
import { locator } from "../source/locator.ts";
import type { Modules } from "../source/module.ts";
import { type EvaluationBundle, bundleForEvaluation } from "./bundle.ts";
import { type Realm, evaluate, isProblem, isTimedOut } from "./evaluate.ts";
import { bundleDiagnostics, problemDiagnostic, timeoutDiagnostic } from "./explain.ts";
import type { Description } from "./protocol.ts";

export interface Session {
  readonly file: string;
  readonly bundle: EvaluationBundle;
  readonly realm: Realm;
  readonly description: Description;
  readonly listings: Readonly<Record<string, readonly string[]>>;
}

/** A listing may depend on what another one found, so one evaluation may ask for several, one after the other. */
const MOST_LISTINGS = 100;

export async function evaluateCampaign(
  file: string,
  cwd: string,
  modules: Modules,
  outside: Outside,
  seconds: number,
): Promise<Session> {
  const folder = dirname(file);
  const bundle = await bundleForEvaluation(file, modules);
  if (!("script" in bundle))
    throw new DiagnosticError(
      bundleDiagnostics(
        bundle,
        folder,
        locator(modules, () => undefined, cwd),
      ),
    );
  const find = locator(modules, bundle.origin, cwd);
  const listings: Record<string, readonly string[]> = {};
  for (let round = 0; round < MOST_LISTINGS; round++) {
    const realm = evaluate(bundle.script, { ...outside.given, campaignDir: outside.home ?? folder, listings }, seconds);
    if (isTimedOut(realm)) throw new DiagnosticError([timeoutDiagnostic(realm, bundle, find, file)]);
    if (isProblem(realm)) {
      const { listing, stack, code } = realm.problem;
      if (!listing) {
        const diagnostic = problemDiagnostic(realm, find);
        throw new DiagnosticError([code === "compile/variable-missing" ? misspelt(diagnostic, outside) : diagnostic]);
      }
      const paths = takeListing(listing, outside.home ?? folder);
      const span = find.locate(stack, ["root"]);
      if (!paths)
        fail({
          code: "compile/listing-missing",
          message: `the folder ${listing.root} of listing ${listing.name} is not there or cannot be read`,
          ...(span ? { span } : {}),
        });
      listings[listing.name] = paths;
      continue;
    }
    const description = realm.describe();
    if (isProblem(description)) throw new DiagnosticError([problemDiagnostic(description, find)]);
    if (isTimedOut(description)) throw new DiagnosticError([timeoutDiagnostic(description, bundle, find, file)]);
    return { file, bundle, realm, description, listings };
  }
  return fail({ code: "compile/listing-missing", message: `the campaign takes more than ${MOST_LISTINGS} listings` });
}

/** A variable that is missing while a similar name was given: most likely the same. */
function misspelt<T extends { readonly message: string; readonly remedy?: string }>(
  diagnostic: T,
  outside: Outside,
): T {
  const wanted = /^variable (\S+) is not set/.exec(diagnostic.message)?.[1] ?? "";
  const given = Object.keys(outside.given.set);
  const hint = given.length > 0 ? didYouMean(wanted, given, "names given by --set") : undefined;
  return hint?.startsWith("Did you mean")
    ? { ...diagnostic, remedy: `${diagnostic.remedy ?? ""} --set gives ${given.join(", ")}.` }
    : diagnostic;
}
