import assert from "node:assert/strict";
import {
  disconnects,
  reconnects,
  unsubscribes,
  withDetail,
} from "../../lib/protocol/disconnects.ts";
import { type ErrorName, ProtocolError } from "../../lib/protocol/errors.ts";

const documented = await Deno.readTextFile(
  new URL("../../lib/protocol/PROTOCOL.md", import.meta.url),
);
const bytes = (text: string) => new TextEncoder().encode(text).byteLength;

const names: [ErrorName, number, boolean][] = [
  ["internal", 100, true],
  ["unauthorized", 101, false],
  ["unknownChannel", 102, false],
  ["permissionDenied", 103, false],
  ["methodNotFound", 104, false],
  ["alreadySubscribed", 105, false],
  ["limitExceeded", 106, false],
  ["badRequest", 107, false],
  ["notAvailable", 108, false],
  ["tokenExpired", 109, false],
  ["expired", 110, false],
  ["tooManyRequests", 111, true],
  ["unrecoverablePosition", 112, false],
  ["concurrentPagination", 113, true],
];
for (const [name, code, temporary] of names) {
  Deno.test(`errors: ${code} ${name} is as documented`, () => {
    const error = new ProtocolError(name);
    assert.equal(error.code, code);
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      code,
      message: error.message,
      ...(temporary && { temporary }),
    });
    const row = new RegExp(`\\| ${code}  \\| ${error.message} *\\| ${temporary ? "yes" : "   "} `);
    assert.match(documented, row);
    assert.equal(new ProtocolError(name, "why").message, `${error.message}: why`);
  });
}

for (const { code, reason } of Object.values(disconnects)) {
  Deno.test(`disconnects: ${code} ${reason} is as documented and fits a close frame`, () => {
    assert.match(documented, new RegExp(`\\| ${code} \\| ${reason}`));
    assert.ok(bytes(reason) <= 123);
    assert.equal(reconnects(code), code < 3500);
    assert.ok(code === 1009 || (code >= 3000 && code < 5000));
  });
}

Deno.test("disconnects: each has a code of its own", () => {
  const codes = Object.values(disconnects).map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
});

Deno.test("disconnects: unsubscribes from 2500 on are not final", () => {
  for (const { code, reason } of Object.values(unsubscribes)) {
    assert.ok(documented.includes(String(code)), reason);
    assert.equal(code >= 2500, code !== unsubscribes.server.code);
  }
});

const ranges: [number, boolean][] = [
  [1000, true],
  [1009, true],
  [2999, true],
  [3000, true],
  [
    3499,
    true,
  ],
  [3500, false],
  [3999, false],
  [4000, true],
  [4499, true],
  [4500, false],
  [4999, false],
];
for (const [code, expected] of ranges) {
  Deno.test(`disconnects: after ${code} a client ${expected ? "comes back" : "stays away"}`, () => {
    assert.equal(reconnects(code), expected);
  });
}

const details = ["short", "x".repeat(300), "đ".repeat(100), "日".repeat(100), "🛵".repeat(50)];
for (const detail of details) {
  Deno.test(`disconnects: a reason with ${detail.slice(0, 5)}… fits a close frame whole`, () => {
    const { code, reason } = withDetail(disconnects.badRequest, detail);
    assert.equal(code, 3501);
    assert.ok(`bad request: ${detail}`.startsWith(reason));
    assert.ok(bytes(reason) <= 123 && (bytes(reason) > 119 || reason.endsWith(detail)));
  });
}
