// Who runs this command, for locks, journals and provenance.
import { hostname, userInfo } from "node:os";

/** Name of the user; the number where the system knows no name (containers). */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

export function whoAmI(): { readonly user: string; readonly host: string } {
  return { user: userName(), host: hostname() };
}
