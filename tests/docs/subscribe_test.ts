/** Step one: the ways to subscribe, each as its example has it. */
import { startServer } from "../support/server.ts";
import { exampleFolder, run } from "./example.ts";
import { shows, startOrders, startWith } from "./world.ts";

for (const file of ["event_source.js", "map_subscription.js", "fetch_loop.js"]) {
  Deno.test(`docs: ${file} shows what is there, what changes, and what changed meanwhile`, async () => {
    await using backEnd = startOrders();
    backEnd.set("o-1", "placed");
    backEnd.set("o-2", "placed");
    await using first = await startWith(backEnd.port, "100ms");
    await using folder = await exampleFolder({ server: first.port, backEnd: backEnd.port });
    await using program = await run(folder.path, file);
    await shows(program, "o-1:placed", "o-2:placed");
    backEnd.set("o-1", "packed");
    await shows(program, "o-1:packed", "o-2:placed");
    backEnd.orders.delete("o-2");
    backEnd.set("o-3", "placed");
    await shows(program, "o-1:packed", "o-3:placed");

    await first.signal("SIGKILL");
    backEnd.orders.delete("o-1");
    backEnd.set("o-4", "placed");
    await using _second = await startServer({ after: first });
    await shows(program, "o-3:placed", "o-4:placed");
  });
}
