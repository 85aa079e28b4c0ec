/** How what was recorded is told in the reader's language. */
import assert from "node:assert/strict";
import { readMachine } from "../../islands/compare/machine.ts";
import { recordedDay } from "../../islands/compare/recorded_day.ts";
import { compareTexts } from "../../islands/compare/texts.ts";

Deno.test("compare: the machine of a recording is told in both languages", () => {
  const large = { cores: 2, system: "Linux", runtime: "Deno 2.9.6" };
  assert.deepEqual(readMachine("2 cores, linux, Deno 2.9.6"), large);
  assert.equal(compareTexts.vi.machine(large), "2 nhân, Linux, Deno 2.9.6");
  const small = { cores: 1, system: "plan9", runtime: "Deno 3.0.0" };
  assert.deepEqual(readMachine("1 core, plan9, Deno 3.0.0"), small);
  assert.equal(compareTexts.en.machine(small), "1 core, plan9, Deno 3.0.0");
  assert.equal(readMachine("a large one"), null);
});

Deno.test("compare: the day of a recording is the same wherever it is read", () => {
  assert.equal(recordedDay("2026-11-23", "vi"), "23/11/2026");
  assert.equal(recordedDay("2026-11-23", "en"), "23 Nov 2026");
});
