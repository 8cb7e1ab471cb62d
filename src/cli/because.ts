// The reason that a person gives with --because. Words, not white space: they are kept in the journal for good.
import { fail } from "../diagnostics/diagnostic.ts";

export function reasonGiven({ because }: { readonly because: string }): string {
  const reason = because.trim();
  if (reason !== "") return reason;
  return fail({
    code: "cli/usage",
    message: "--because says nothing",
    remedy: "Say why in a few words; they are kept in the journal.",
  });
}
