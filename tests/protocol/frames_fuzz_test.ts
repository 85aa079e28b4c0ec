/** Whatever a client sends, it is decoded, or refused with or without an id; nothing else is thrown. */
import assert from "node:assert/strict";
import { BadFrame, decodeFrame } from "../../lib/protocol/commands.ts";
import { seededRandom } from "../../tools/replay/random.ts";

const valid = [
  '{"id":1,"connect":{"token":"t","data":{},"subs":{}}}',
  '{"id":2,"subscribe":{"channel":"public:a","recover":true,"epoch":"x","offset":41,"flag":3}}',
  '{"id":3,"publish":{"channel":"a","data":{"x":[1,2,{"y":null}]},"idempotency_key":"k"}}',
  '{"id":4,"history":{"channel":"a","limit":5,"since":{"offset":3,"epoch":"x"},"reverse":true}}',
  '{"id":5,"rpc":{"method":"time","data":{}}}\n{"id":6,"presence":{"channel":"a"}}',
  '{"send":{"data":1}}\n{}',
  '{"id":2,"subscribe":{"channel":"m","type":1,"phase":2,"limit":9,"cursor":"k","tf":{"key":"a"}}}',
  '{"id":3,"publish":{"channel":"m","type":1,"key":"k","removed":true}}',
  '{"id":4,"sub_refresh":{"channel":"p","type":1,"track":[{"items":[{"key":"k","version":2}]}]}}',
];
const pieces = ["{", "}", "[", "]", '"', ":", ",", "\n", "\\", "0", "-", "1e999", "null", "true"]
  .concat([
    "\ud800",
    "đ",
    "\0",
    '"id":',
    '"__proto__":{}',
    "{}",
    " ",
    "9007199254740993",
    "\u2028",
  ]);
const values = ["null", "-1", "1.5", '""', "[]", "{}", "true", "1e99", '"\\ud800"', "0"];

function check(frame: string): "read" | "refused" {
  let outcome: "read" | "refused" = "read";
  try {
    for (const command of decodeFrame(frame)) {
      if (command.method === "unreadable") outcome = "refused";
      assert.equal(typeof command.method, "string");
      if ("id" in command) assert.ok(command.id >= 1 && command.id <= 0xffff_ffff);
      if ("channel" in command) assert.ok(command.channel.length > 0);
    }
    return outcome;
  } catch (error) {
    assert.ok(error instanceof BadFrame, `${error} for ${JSON.stringify(frame)}`);
    return "refused";
  }
}

Deno.test("frames: random bytes", () => {
  const random = seededRandom(1);
  const decoder = new TextDecoder();
  for (let n = 0; n < 5_000; n++) {
    const bytes = Uint8Array.from({ length: random() * 60 }, () => random() * 256);
    check(decoder.decode(bytes));
  }
});

Deno.test("frames: valid ones with a few characters changed", () => {
  const random = seededRandom(2);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const outcomes = { read: 0, refused: 0 };
  for (let n = 0; n < 20_000; n++) {
    let frame = pick(valid) ?? "";
    for (let k = Math.floor(random() * 3); k >= 0; k--) {
      const at = Math.floor(random() * frame.length);
      const cut = Math.floor(random() * 4);
      frame = frame.slice(0, at) + (random() < 0.6 ? pick(pieces) : "") + frame.slice(at + cut);
    }
    outcomes[check(frame)]++;
  }
  assert.ok(outcomes.read > 500 && outcomes.refused > 5_000, JSON.stringify(outcomes));
});

Deno.test("frames: valid ones with another value somewhere", () => {
  const random = seededRandom(3);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const outcomes = { read: 0, refused: 0 };
  for (let n = 0; n < 20_000; n++) {
    const places = [...(pick(valid) ?? "").matchAll(/:("[^"]*"|\d+|true|\{\}|null)/g)];
    const place = pick(places);
    if (place === undefined) continue;
    const { input, index } = place;
    outcomes[
      check(`${input.slice(0, index)}:${pick(values)}${input.slice(index + place[0].length)}`)
    ]++;
  }
  assert.ok(outcomes.read > 2_000 && outcomes.refused > 2_000, JSON.stringify(outcomes));
});

Deno.test("frames: deep nesting and long lines", () => {
  const deep = "[".repeat(20_000) + "]".repeat(20_000);
  check(deep);
  check(`{"id":1,"publish":{"channel":"a","data":${deep}}}`);
  check(`{"id":1,"rpc":{"method":"m","data":${deep}}}`);
  check("\n".repeat(60_000));
  check("{}\n".repeat(20_000));
});
