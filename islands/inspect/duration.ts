/** How long something lasts, in words. */
type Units = Readonly<Record<"day" | "hour" | "minute" | "second", string>>;

/** In its two largest units. */
export function duration(seconds: number, { day, hour, minute, second }: Units): string {
  const parts = [
    [Math.floor(seconds / 86_400), day],
    [Math.floor(seconds / 3_600) % 24, hour],
    [Math.floor(seconds / 60) % 60, minute],
    [Math.floor(seconds) % 60, second],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return `0 ${second}`;
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(" ");
}
