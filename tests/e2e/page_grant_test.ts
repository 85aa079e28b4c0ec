import assert from "node:assert/strict";
import { startServer } from "../support/server.ts";

/** The page, asked for under a name; `fetch` would not let us choose it. */
async function pageAt(port: number, host: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}

Deno.test("page in dev: gives its token to localhost and addresses, to no other name", async () => {
  await using server = await startServer({ dev: true });
  for (const host of ["localhost:8000", "127.0.0.1", "[::1]:80", "192.168.1.7:8000"]) {
    assert.match(await pageAt(server.port, host), /"token":"ey/, host);
  }
  for (const host of ["evil.example", "127.0.0.1.evil.example:8000"]) {
    assert.match(await pageAt(server.port, host), /"token":null/, host);
  }
});
