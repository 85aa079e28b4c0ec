// deno-lint-ignore-file no-console -- an example
// API_KEY=… deno run --allow-net --allow-env=API_KEY docs/examples/back_end.js

import { publish } from "./publish.js";

const orders = new Map();

Deno.serve({ port: 3000, hostname: "127.0.0.1" }, async (request) => {
  const [, , id] = new URL(request.url).pathname.split("/");
  switch (request.method) {
    case "PUT":
      orders.set(id, { id, ...await request.json() });
      break;
    case "DELETE":
      orders.delete(id);
      break;
    default:
      return Response.json([...orders.values()]);
  }
  // The only new line. It is not waited for, and what fails is repaired by the bridge's next poll.
  publish("bridge:orders", id, orders.get(id) ?? null).catch((error) =>
    console.error(error.message)
  );
  return new Response(null, { status: 204 });
});
