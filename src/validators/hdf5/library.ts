// h5wasm made safe: one instance a thread, errors thrown, clock frozen while writing. The only file that knows how it is started.
import * as h5wasm from "h5wasm/node";

let ready: Promise<void> | undefined;

/** Without the throwing handler a truncated file opens, and an unknown filter reads as garbage (building-blocks section 6). */
export function startLibrary(): Promise<void> {
  return (ready ??= h5wasm.ready.then((module) => void module.activate_throwing_error_handler()));
}

/** HDF5 stamps every object it makes with the time; equal calls must give equal bytes. emscripten asks Date.now. */
export function withFrozenClock<T>(work: () => T): T {
  const now = Date.now;
  Date.now = () => 0;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}

/** First line of HDF5's error stack says what was tried; the deepest says why. */
export function plainError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean); // prettier-ignore
  return lines.length > 1 ? `${lines[0]!} (${lines.at(-1)!})` : (lines[0] ?? "unknown error of the HDF5 library");
}
