/** Tells of each day that begins by this device's clock and calendar, as long as the page is open. */
export function followDays(begins: () => void): void {
  const now = new Date(Date.now());
  const next = new Date(now);
  next.setHours(24, 0, 0, 0);
  setTimeout(() => {
    begins();
    followDays(begins);
  }, next.getTime() - now.getTime());
}
