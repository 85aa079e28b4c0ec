/**
 * State channels under everything that may happen to them: writes, removals, keys whose time ends,
 * clears, cuts, nodes that die, messages between nodes that are lost, readers that stop reading,
 * changes of transport. Whenever it gets quiet, each client's mirror is the server's state.
 *
 * SEED=n repeats one of the courses.
 */
import assert from "node:assert/strict";
import type { BrokerKind } from "./state/node.ts";
import { play } from "./state/script.ts";

const seeds = 1_000;
const asked = Deno.env.get("SEED");
const all = Array.from({ length: seeds }, (_, i) => i + 1);
const courses = asked === undefined ? all : [Number(asked)];
const kindOf = (seed: number): BrokerKind => seed % 2 === 0 ? "memory" : "edge";

for (const kind of ["memory", "edge"] as const) {
  const own = courses.filter((seed) => kindOf(seed) === kind);
  Deno.test(`${kind}: at every quiet moment each client's mirror is the server's state, ${own.length} seeds`, async () => {
    const sums: Record<string, number> = {};
    for (const seed of own) {
      const kv = await Deno.openKv(":memory:");
      try {
        const counts = await play(seed, kind, kv);
        for (const [name, n] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + n;
      } catch (error) {
        throw new Error(`SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      } finally {
        kv.close();
      }
    }
    // deno-lint-ignore no-console -- what the run went through
    console.log(kind, sums);
    if (asked !== undefined) return;
    for (const what of ["resumed", "refused", "lost", "pages", "conflated", "changes"]) {
      assert.ok((sums[what] ?? 0) > own.length, `${what}: ${sums[what]}`);
    }
  });
}
