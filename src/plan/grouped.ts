// 38,728: digits in groups of three. Without a locale, whose data take 10 ms to load: a fifth of a warm plan.

export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
