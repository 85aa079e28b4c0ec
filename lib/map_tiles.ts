/** Where the pages' map has its tiles from. */

export interface MapTiles {
  /** With {z}, {x} and {y}, and {r} if there are tiles for sharper screens. */
  readonly template: string;
  /** All that browsers are allowed to load images from beside the server itself. */
  readonly origin: string;
  /** Whose tiles they are, to be shown on the map as plain text; may be empty. */
  readonly credit: string;
}

const allowed: ReadonlySet<string> = new Set(["{z}", "{x}", "{y}", "{r}"]);

/** @throws Error that says what is wrong with the template, to be put after its name */
export function parseTiles(template: string, credit: string): MapTiles {
  const example = "such as https://tile.example/{z}/{x}/{y}.png";
  const placeholders: readonly string[] = template.match(/\{[^}]*\}?/g) ?? [];
  for (const one of ["{z}", "{x}", "{y}"]) {
    if (!placeholders.includes(one)) throw new Error(`has no ${one}; it is an address ${example}`);
  }
  const strange = placeholders.find((one) => !allowed.has(one));
  if (strange === "{s}") {
    throw new Error("has {s}; name one host, for pages may load from that only");
  }
  if (strange !== undefined) throw new Error(`has ${strange}; known are {z}, {x}, {y} and {r}`);
  if (/^https?:\/\/[^/?#]*\{/i.test(template)) {
    throw new Error(`has a placeholder in its host; it is an address ${example}`);
  }
  const url = URL.parse(template.replaceAll(/[{}]/g, ""));
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error(`is not an http(s) address ${example}`);
  }
  // The origin goes into a header whose words a few other characters would end.
  if (!/^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(url.hostname)) {
    throw new Error(`has the host "${url.hostname}", which is none`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new Error("has a user name or a password, which every viewer would be told");
  }
  return { template, origin: url.origin, credit };
}
