// Fault points: where tests kill the process to prove that nothing is lost. Off unless CMC_FAULT names one; not for production use.
import { writeSync } from "node:fs";

/** `CMC_FAULT=worker/renamed:3` kills this process with SIGKILL at the third passage of that point. */
const [wanted, nth] = (process.env["CMC_FAULT"] ?? "").split(":");
let passages = 0;

export function faultPoint(name: string): void {
  if (name !== wanted) return;
  passages += 1;
  if (passages < Number(nth ?? 1)) return;
  writeSync(2, `fault point ${name}\n`);
  process.kill(process.pid, "SIGKILL");
}
