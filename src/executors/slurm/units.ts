// Times and sizes as SLURM writes and reads them. Seconds and bytes on our side; nothing here knows the clock.

/** `1-02:03:04`, days always there: `02:03` alone would be minutes and seconds. Part seconds count as whole ones. */
export function formatWalltime(seconds: number): string {
  // 0 would mean: no limit (sbatch -t).
  const whole = positive(seconds, "a walltime");
  const [minutes, hours] = [Math.floor(whole / 60), Math.floor(whole / 3600)];
  return `${Math.floor(hours / 24)}-${two(hours % 24)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** `2048M`, or `1500K` where it is not whole MiB (SLURM's M): SLURM itself rounds up then. */
export function formatMemory(bytes: number): string {
  // 0 would mean: all memory of the node (sbatch --mem).
  const kib = positive(bytes / 1024, "memory");
  return kib % 1024 === 0 ? `${kib / 1024}M` : `${kib}K`;
}

/** `2026-11-20T08:53:58`, in UTC: for commands that run with TZ=UTC0. */
export function formatTime(epochSeconds: number): string {
  return new Date(Math.floor(epochSeconds) * 1000).toISOString().slice(0, 19);
}

/**
 * Seconds since 1970. With SLURM_TIME_FORMAT=%s (strftime, SLURM 15.08 and later) times are printed so, free of time zones;
 * a client that ignores it prints ISO, in UTC because of TZ=UTC0. Undefined for `Unknown`, `None`, `NONE`, `N/A`.
 */
export function parseTime(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return undefined;
  return Date.parse(`${text}Z`) / 1000;
}

/** Seconds of `MaxTime=1-00:00:00`. `UNLIMITED` is Infinity; undefined for `NONE`, `N/A` and what is no time. */
export function parseLimit(text: string): number | undefined {
  if (/^(UNLIMITED|INFINITE)$/i.test(text)) return Infinity;
  const match = /^(?:(\d+)-)?(\d+):(\d\d):(\d\d)$/.exec(text);
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

function positive(value: number, what: string): number {
  if (!(value > 0) || !Number.isFinite(value)) throw new RangeError(`${what} must be positive, not ${value}`);
  return Math.ceil(value);
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
