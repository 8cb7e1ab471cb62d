// What the worker asks of its own engine. Imported first; it exports nothing.
import { setFlagsFromString } from "node:v8";

// V8 compiles a function anew after some 66 kB of its bytecode have run. A worker that runs a thousand short jobs spends a quarter of its
// time on that, for code it then hardly uses; with a budget of 1 MB a loop of a task is optimised some milliseconds later.
setFlagsFromString("--interrupt-budget=1000000");
