/** Finds the addresses in what people write. Everything else is text, whatever it looks like. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

/**
 * No quotes and brackets of markup, no spaces, and none of the invisible characters (`\p{C}`, which
 * has the marks that turn the direction of writing) that could make an address look like another.
 */
const address = /\bhttps?:\/\/[^\s<>"'`\p{C}]+/giu;
/** What more likely ends the sentence than the address. */
const ending = /[.,;:!?…*_~]/u;
const brackets = { ")": "(", "]": "[", "}": "{" } as const;

/** The parts of a text, in order; together they are the text. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(address)) {
    const shown = withoutEnding(match[0]);
    const href = hrefOf(shown);
    if (href === null) continue;
    if (match.index > at) parts.push({ kind: "text", text: text.slice(at, match.index) });
    parts.push({ kind: "link", text: shown, href });
    at = match.index + shown.length;
  }
  if (at < text.length) parts.push({ kind: "text", text: text.slice(at) });
  return parts;
}

/** null: nothing to go to, or it looks like another place than it leads to. */
function hrefOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, username, password, href } = new URL(text);
  // What stands before an @ is easily taken for the host.
  if (username !== "" || password !== "") return null;
  return protocol === "https:" || protocol === "http:" ? href : null;
}

/** Without the punctuation of the sentence, and brackets that were opened before the address. */
function withoutEnding(text: string): string {
  /** By closing bracket: how many more of them there are than of those that they close. */
  const excess = new Map(
    Object.entries(brackets).map((
      [closing, opening],
    ) => [closing, text.split(closing).length - text.split(opening).length]),
  );
  let end = text.length;
  for (; end > 0; end--) {
    const last = text.charAt(end - 1);
    const surplus = excess.get(last) ?? 0;
    if (surplus <= 0 && !ending.test(last)) break;
    if (surplus > 0) excess.set(last, surplus - 1);
  }
  return text.slice(0, end);
}
