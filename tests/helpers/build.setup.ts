// Before any test: dist/ is as new as the sources. Elsewhere than in CI a broken build is only shown, so that unit tests of other folders still run.
import { build, isFresh } from "../../scripts/build.mjs";

export default async function setup(): Promise<void> {
  if (isFresh()) return;
  const ok = await build({ quiet: true });
  if (!ok && process.env["CI"]) throw new Error("dist/ could not be built");
}
