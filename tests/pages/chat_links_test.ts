import assert from "node:assert/strict";
import { render } from "preact-render-to-string";
import { Line } from "../../islands/chat/bubble.tsx";
import { Chat } from "../../islands/chat/chat.ts";
import { claimsOf } from "../../islands/chat/claims.ts";
import { datesFor } from "../../islands/chat/dates.ts";
import { partsOf } from "../../islands/chat/links.ts";
import { cleanMessage, isSending } from "../../islands/chat/writing.ts";
import { h } from "preact";

const linksOf = (text: string) =>
  partsOf(text).flatMap((part) => part.kind === "link" ? [part.href] : []);

Deno.test("links: what is an address, and where it ends", () => {
  for (
    const [text, ...links] of [
      ["see https://example.com/a?b=c#d.", "https://example.com/a?b=c#d"],
      ["(http://example.com/x_(y)) and", "http://example.com/x_(y)"],
      ["HTTPS://EXAMPLE.com", "https://example.com/"],
      ["https://a.example, https://b.example!", "https://a.example/", "https://b.example/"],
      ["https://vi.example/%C4%90%C3%A0 rồi", "https://vi.example/%C4%90%C3%A0"],
      ["https://vi.example/Đà", "https://vi.example/%C4%90%C3%A0"],
      ["**https://example.com/**", "https://example.com/"],
    ]
  ) {
    assert.deepEqual(linksOf(text ?? ""), links, text);
  }
});

const hostile = [
  "javascript:alert(1)",
  "JaVaScRiPt://example.com/%0aalert(1)",
  "data:text/html,<script>globalThis.hit=1</script>",
  "vbscript:msgbox",
  "file:///etc/passwd",
  "//example.com",
  "https://bank.example@evil.example/",
  "https://user:pass@evil.example/",
  "https://",
  "http://[",
  "https://%zz",
  "xhttps://example.com",
];

Deno.test("links: nothing else is one", () => {
  for (const text of hostile) assert.deepEqual(linksOf(text), [], text);
});

Deno.test("links: invisible characters end an address, so that it cannot look like another", () => {
  for (const hidden of ["\u202e", "\u200b", "\u2066", "\u0000", "\u00ad", "\ufeff"]) {
    assert.deepEqual(linksOf(`https://good.example${hidden}/moc.live`), ["https://good.example/"]);
  }
});

Deno.test("links: the parts are the text, also of much of it", () => {
  const many = "https://a.example/(((((((((( ".repeat(60);
  const long = `https://a.example/${")".repeat(1_900)}`;
  for (const text of [...hostile, many, long, "", "no link", "https://a.example"]) {
    assert.equal(partsOf(text).map((part) => part.text).join(""), text);
  }
});

Deno.test("a message can bring no markup with it", () => {
  const chat = new Chat({
    language: "en",
    timeZone: "UTC",
    access: "granted",
    token: null,
    room: "help",
    asksName: "no",
    opening: null,
  });
  const markup = [
    `<img src=x onerror="globalThis.hit=1">`,
    `</p></li></script><script>globalThis.hit=1</script>`,
    `https://example.com/"onmouseover="globalThis.hit=1`,
    `https://example.com/'><svg/onload=globalThis.hit=1>`,
    `&lt;b&gt; &amp;quot; \u202e`,
  ];
  for (const text of markup) {
    const item = {
      kind: "message",
      key: text,
      author: text,
      isStaff: true,
      isMine: false,
      text,
      at: 0,
      delivery: null,
      isFirst: true,
    } as const;
    const html = render(h(Line, { chat, item, dates: chat.dates, failure: null }));
    const tags = [...html.matchAll(/<([a-z0-9]+)/g)].map(([, name]) => name);
    const ours = new Set(["li", "p", "bdi", "span", "div", "time", "a"]);
    assert.deepEqual(tags.filter((name) => !ours.has(name ?? "")), [], html);
    assert.doesNotMatch(html.replaceAll(/"[^"]*"/g, ""), /<[^>]*\son[a-z]+=/, html);
    for (const [link] of html.matchAll(/<a [^>]*>/g)) {
      assert.match(
        link,
        /href="https:\/\/example\.com\/" target="_blank" rel="noopener noreferrer nofollow"/,
      );
    }
  }
});

Deno.test("what is written is sent as the server takes it", () => {
  assert.equal(cleanMessage("  xin\r\nchào\rbạn\t \n"), "xin\nchào\nbạn");
  assert.equal(cleanMessage("a\u0000b\u001b[31m\u0085\u007f"), "ab[31m");
  assert.equal(cleanMessage("\ud800x"), "\ufffdx");
  assert.equal(cleanMessage(" \n\t "), "");
});

Deno.test("Enter sends, but not in the middle of a word that is being composed", () => {
  const enter = { key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 };
  assert.equal(isSending(enter), true);
  for (
    const other of [{ shiftKey: true }, { isComposing: true }, { keyCode: 229 }, { key: "a" }]
  ) {
    assert.equal(isSending({ ...enter, ...other }), false);
  }
});

Deno.test("a token says who its holder is; what is none says nobody", () => {
  const part = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
  const token = (claims: unknown) => `${part({ alg: "HS256" })}.${part(claims)}.x`;
  assert.deepEqual(claimsOf(token({ sub: "Nguyễn Ái Lan ?>", role: "staff" })), {
    user: "Nguyễn Ái Lan ?>",
    isStaff: true,
  });
  const nobody = { user: "", isStaff: false };
  assert.deepEqual(claimsOf(token({ sub: 7, role: "guest" })), nobody);
  for (const other of ["", "x", "a.b.c", token(null), token([]), `a.${"é".repeat(9)}.b`]) {
    assert.deepEqual(claimsOf(other), nobody);
  }
});

Deno.test("days have names while they are near, in both languages", () => {
  const now = Date.UTC(2026, 10, 23, 1);
  const hour = 3_600_000;
  const names = (language: "en" | "vi", zone: string) => {
    const { dayName } = datesFor(language, zone, () => now);
    return [now, now - 2 * hour, now - 48 * hour].map(dayName);
  };
  assert.deepEqual(names("en", "UTC"), ["Today", "Yesterday", "Saturday, 21 November 2026"]);
  assert.deepEqual(names("vi", "UTC").slice(0, 2), ["Hôm nay", "Hôm qua"]);
  // There the day began hours ago.
  assert.deepEqual(names("vi", "Asia/Ho_Chi_Minh").slice(0, 2), ["Hôm nay", "Hôm nay"]);
  assert.equal(datesFor("en", "Asia/Ho_Chi_Minh").time(now), "08:00");
});
