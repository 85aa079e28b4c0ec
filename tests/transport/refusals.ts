import assert from "node:assert/strict";
import { type OpenOptions, Refused } from "../support/clients/client.ts";
import { type Case, fresh, takeData } from "./suite.ts";

interface Expected {
  /** Of the error table; on WebSocket also a close code. */
  readonly code: number;
  readonly status: number;
  readonly says: RegExp;
}

export async function refusalSteps({ server, transport, open, step }: Case): Promise<void> {
  const { url } = server;
  const socket = transport === "websocket";

  const refuses = async (options: OpenOptions, { code, status, says }: Expected) => {
    await assert.rejects(open(url, options), (error) => {
      assert.ok(error instanceof Refused, String(error));
      assert.equal(error.code, code);
      assert.equal(error.status, socket ? 0 : status);
      assert.match(error.message, says);
      return true;
    });
  };

  await step(
    "refuses an unknown namespace",
    () => refuses({ channels: ["nowhere:a"] }, { code: 102, status: 404, says: /unknown channel/ }),
  );

  await step(
    "refuses a channel without a namespace that nothing rules",
    () => refuses({ channels: ["plain"] }, { code: 102, status: 404, says: /unknown channel/ }),
  );

  await step(
    "refuses a channel that nobody may subscribe",
    () =>
      refuses({ channels: [fresh("shut")] }, {
        code: 103,
        status: 403,
        says: /permission denied/,
      }),
  );

  await step(
    "refuses an anonymous client where a token is needed",
    () =>
      refuses({ channels: [fresh("members")] }, {
        code: 103,
        status: 403,
        says: /permission denied/,
      }),
  );

  await step("refuses a name of more than 255 bytes, and takes one of 255", async () => {
    const longest = "public:".padEnd(255, "x");
    assert.equal(new TextEncoder().encode(longest).byteLength, 255);
    await using client = await open(url, { channels: [longest] });
    assert.ok(client.started.has(longest));
    // 130 characters, but 377 bytes.
    const wide = "public:" + "ệ".repeat(123) + "x";
    for (const name of [`${longest}x`, wide]) {
      const expected = { code: 107, status: 400, says: /longer than 255 bytes/ };
      await refuses({ channels: [name] }, expected);
    }
  });

  await step("refuses one channel too many", async () => {
    const most = 128;
    const channels = Array.from({ length: most }, () => fresh("public"));
    await using client = await open(url, { channels });
    assert.equal(client.started.size, most);
    const expected = socket
      ? { code: 106, status: 0, says: /at most 128/ }
      : { code: 107, status: 400, says: /at most 128/ };
    await refuses({ channels: [...channels, fresh("public")] }, expected);
  });

  await step("lets a valid token in", async () => {
    const channel = fresh("members");
    await using client = await open(url, { channels: [channel], token: await server.token() });
    await server.api("publish", { channel, data: "hello" });
    assert.deepEqual(await takeData(client, 1), ["hello"]);
  });

  await step("refuses a bad token even where none is needed", async () => {
    const [head, claims] = (await server.token()).split(".");
    for (const token of ["nonsense", `${head}.${claims}.${"A".repeat(43)}`]) {
      const expected = socket
        ? { code: 3500, status: 0, says: /invalid token/ }
        : { code: 101, status: 401, says: /unauthorized/ };
      await refuses({ channels: [fresh("public")], token }, expected);
    }
  });
}
