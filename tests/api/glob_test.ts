import assert from "node:assert/strict";
import { glob } from "../../lib/node/operations.ts";
import { seededRandom } from "../../tools/replay/random.ts";

const cases: [string, string, boolean][] = [
  ["", "anything", true],
  ["*", "", true],
  ["*", "a:b", true],
  ["a*", "a", true],
  ["a*b", "ab", true],
  ["a*b", "axxb", true],
  ["a*b", "axxbc", false],
  ["*a*b*", "xaybz", true],
  ["*ab", "aab", true],
  ["?", "🛵", true],
  ["?", "", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["**", "a\nb", true],
  ["a.c", "abc", false],
  ["[ab]", "a", false],
  ["\\*", "\\x", true],
  ["abc", "ab", false],
];
for (const [pattern, text, expected] of cases) {
  Deno.test(`glob: ${JSON.stringify(pattern)} and ${JSON.stringify(text)}: ${expected}`, () => {
    assert.equal(glob(pattern)(text), expected);
  });
}

Deno.test("glob: agrees with a regular expression", () => {
  const random = seededRandom(11);
  const word = (alphabet: string, most: number) =>
    Array.from({ length: random() * most }, () => alphabet[Math.floor(random() * alphabet.length)])
      .join("");
  let matched = 0;
  for (let n = 0; n < 20_000; n++) {
    const [pattern, text] = [word("ab*?", 7), word("ab", 7)];
    const source = pattern.replaceAll("*", ".*").replaceAll("?", ".");
    const expected = pattern === "" || new RegExp(`^${source}$`).test(text);
    assert.equal(glob(pattern)(text), expected, `${pattern} ${text}`);
    if (expected) matched++;
  }
  assert.ok(matched > 2_000);
});

Deno.test("glob: a pattern of many stars takes no time to speak of", () => {
  const began = performance.now();
  assert.equal(glob(`${"*a".repeat(127)}*b`)("a".repeat(255)), false);
  assert.ok(performance.now() - began < 1_000);
});
