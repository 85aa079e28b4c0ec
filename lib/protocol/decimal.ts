/** Numbers as text, compared as numbers. */

/** Whether it is a plain decimal number: digits, at most one point, a sign or none. */
export function isDecimal(text: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text);
}

/** Below 0, 0, above 0. Exact, also beyond what a double holds. Both are decimals. */
export function compareDecimals(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  // Rounding may make different numbers the same, never change their order.
  if (difference > 0 || difference < 0) return difference;
  const places = Math.max(placesOf(a), placesOf(b));
  const [x, y] = [scaled(a, places), scaled(b, places)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function placesOf(text: string): number {
  const point = text.indexOf(".");
  return point < 0 ? 0 : text.length - point - 1;
}

/** The number times ten to the power of `places`. */
function scaled(text: string, places: number): bigint {
  const digits = text.replace(/[+.-]/g, "") + "0".repeat(places - placesOf(text));
  return text.startsWith("-") ? -BigInt(digits) : BigInt(digits);
}
