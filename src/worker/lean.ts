// What short jobs ask of the engine they are run and looked after in. It knows nothing of jobs.
import { setFlagsFromString } from "node:v8";

/**
 * V8 compiles a function anew after some 66 kB of its bytecode have run. A run of a thousand short jobs spends a quarter of its time on
 * that, for code it then hardly uses. With a budget of 1 MB a loop of a task is optimised some milliseconds later.
 */
export function optimizeLater(): void {
  setFlagsFromString("--interrupt-budget=1000000");
}
