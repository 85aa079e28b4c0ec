/** The command line of `deno task compare`, and its table. */
import assert from "node:assert/strict";
import { figuresOf } from "../../islands/compare/figures.ts";
import { parseArgs, UsageError } from "../../tools/compare/args.ts";
import { perWay } from "../../tools/compare/browse.ts";
import { markdownOf } from "../../tools/compare/markdown.ts";

Deno.test("compare: without options it measures at two rates", () => {
  assert.deepEqual(parseArgs([]), {
    seconds: 60,
    intervalMs: 2_000,
    everyMs: [5_000, 30_000],
    clients: 100,
    record: false,
  });
});

Deno.test("compare: options are taken in both forms", () => {
  const given = ["--seconds=10", "--interval", "3", "--rate", "0.5", "--clients=0", "--record"];
  assert.deepEqual(parseArgs(given), {
    seconds: 10,
    intervalMs: 3_000,
    everyMs: [500],
    clients: 0,
    record: true,
  });
});

Deno.test("compare: what it cannot do is refused by name", () => {
  for (
    const [words, message] of [
      [["--seconds", "0"], /--seconds "0" is not a number from 5 to 600/],
      [["--rate", "5,x"], /--rate "x"/],
      [["--rate", "1,2,3,4,5"], /at most four/],
      [["--clients", "1e3"], /--clients "1e3" is not a number from 0 to 500/],
      [["--clients"], /--clients needs a value/],
      [["--fast"], /unknown option --fast/],
      [["seconds"], /unknown option seconds/],
    ] as const
  ) {
    assert.throws(() => parseArgs(words), (error: unknown) => {
      return error instanceof UsageError && message.test(error.message);
    }, words.join(" "));
  }
});

Deno.test("compare: the table has a column for each way, and says what is not known", () => {
  const totals = { requests: 30, up: 12_345, down: 1_000 };
  const figures = figuresOf({ windowMs: 60_000, made: 2, delays: [1_034.4], totals, times: [0] });
  const markdown = markdownOf({
    date: "2026-01-02",
    clients: 0,
    machine: "2 cores",
    browser: "Chrome 1",
    runs: [{
      intervalMs: 2_000,
      everyMs: 30_000,
      ways: perWay((way) => ({ ...figures, cpuMs: way === "sse" ? 12.345 : null })),
    }],
  });
  assert.match(
    markdown,
    /^Measured on 2026-01-02: 2 cores; Chrome 1\.\n\nServer CPU was not measured\.$/m,
  );
  assert.match(markdown, /^A change every 30 s in the mean, polled every 2 s, for 60 s:$/m);
  const line = (label: string) =>
    markdown.split("\n").find((one) => one.startsWith(`| ${label}`))?.split("|")
      .map((cell) => cell.trim()).slice(2, -1);
  assert.deepEqual(line("Delay, median"), Array(4).fill("1,034 ms"));
  assert.deepEqual(line("Changes shown"), Array(4).fill("1 of 2"));
  assert.deepEqual(line("Bytes sent"), Array(4).fill("12.3 kB"));
  assert.deepEqual(line("Server CPU"), ["–", "–", "12.3 ms/min", "–"]);
});
