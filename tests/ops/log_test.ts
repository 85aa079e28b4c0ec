import assert from "node:assert/strict";
import { errorFields, type Level, logger } from "../../lib/ops/log.ts";

function lines(format: "json" | "text", least: Level = "debug") {
  const written: string[] = [];
  return { log: logger({ least, format, write: (line) => written.push(line) }), written };
}

Deno.test("log: JSON is one object a line, whatever is in it", () => {
  const { log, written } = lines("json");
  log("warn", "first\nline", { n: 1, nested: { a: ["đ"] } });
  const [line] = written;
  assert.ok(line !== undefined && !line.includes("\n"));
  const { time, ...rest } = JSON.parse(line);
  assert.deepEqual(rest, { level: "warn", message: "first\nline", n: 1, nested: { a: ["đ"] } });
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 10_000);
});

Deno.test("log: text is short, with the fields at its end", () => {
  const { log, written } = lines("text");
  log("info", "listening", { url: "http://x/", isolates: 2, list: [1] });
  assert.match(
    written[0] ?? "",
    /^\d\d:\d\d:\d\d\.\d{3} info {2}listening url=http:\/\/x\/ isolates=2 list=\[1\]$/,
  );
});

const levels: [Level, Level[]][] = [
  ["debug", ["debug", "info", "warn", "error"]],
  ["info", ["info", "warn", "error"]],
  ["warn", ["warn", "error"]],
  ["error", ["error"]],
];
for (const [least, expected] of levels) {
  Deno.test(`log: from ${least} on`, () => {
    const { log, written } = lines("json", least);
    for (const level of ["debug", "info", "warn", "error"] as const) log(level, "m");
    assert.deepEqual(written.map((line) => JSON.parse(line).level), expected);
  });
}

Deno.test("log: an error with its stack, anything else that was thrown as text", () => {
  const { error, stack } = errorFields(new TypeError("no"));
  assert.equal(error, "TypeError: no");
  assert.match(String(stack), /log_test\.ts/);
  assert.deepEqual(errorFields("text"), { error: "text" });
  assert.deepEqual(errorFields(undefined), { error: "undefined" });
});
