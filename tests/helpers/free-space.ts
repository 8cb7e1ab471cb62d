// The only number of a plan that is another one a moment later.

/** `12.3 GB free` becomes `N GB free`. */
export function anySpace(text: string): string {
  return text.replace(/[\d.]+ [kMGTP]?B free/g, "N GB free");
}
