// deno-lint-ignore-file no-console -- an example
// API_KEY=… deno run --allow-net --allow-env=API_KEY --allow-read --allow-write docs/examples/outbox.ts

import { DatabaseSync } from "node:sqlite";

const db = new DatabaseSync("orders.sqlite");
db.exec(`
  CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, status TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which changes were made
    uid TEXT NOT NULL,                     -- the idempotency key
    body TEXT NOT NULL,
    refused TEXT                           -- why it can never be published
  ) STRICT`);
const put = db.prepare(
  "INSERT INTO orders VALUES (:id, :status) ON CONFLICT DO UPDATE SET status = :status",
);
const remove = db.prepare("DELETE FROM orders WHERE id = ?");
const note = db.prepare("INSERT INTO outbox (uid, body) VALUES (?, ?)");
const oldest = db.prepare("SELECT * FROM outbox WHERE refused IS NULL ORDER BY seq LIMIT 1");
const published = db.prepare("DELETE FROM outbox WHERE seq = ?");
const refused = db.prepare("UPDATE outbox SET refused = ? WHERE seq = ?");
let wake = () => {};

/** The change and the news of it: both are kept, or neither. */
function change(id: string, order: { id: string; status: string } | null): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    if (order === null) remove.run(id);
    else put.run({ id, status: order.status });
    note.run(
      crypto.randomUUID(),
      JSON.stringify({ channel: "bridge:orders", key: id, data: order }),
    );
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
  wake();
}

/** Oldest first, and none overtakes another: so each key's changes keep their order. */
async function relay(): Promise<never> {
  for (let failures = 0;;) {
    const row = oldest.get();
    if (row === undefined) {
      await new Promise<void>((resolve) => wake = resolve);
      continue;
    }
    const { seq = 0, uid, body } = row;
    try {
      const error = await publish(String(body), String(uid));
      if (error === null) published.run(seq);
      else refused.run(error, seq);
      failures = 0;
    } catch (error) {
      console.error(`publishing again soon: ${error}`);
      const ms = Math.min(30_000, 100 * 2 ** failures++) * (0.5 + Math.random() / 2);
      await new Promise((retry) => setTimeout(retry, ms));
    }
  }
}

/** Resolves with why this can never be published, or null; rejects when it may be later. */
async function publish(body: string, uid: string): Promise<string | null> {
  const change = JSON.parse(body);
  const method = change.data === null ? "map_remove" : "map_publish";
  const response = await fetch(`http://127.0.0.1:8000/api/${method}`, {
    method: "POST",
    headers: { "X-API-Key": Deno.env.get("API_KEY") ?? "", "Content-Type": "application/json" },
    body: JSON.stringify({ ...change, idempotency_key: uid }),
    signal: AbortSignal.timeout(5_000),
  });
  const { error, detail } = await response.json();
  const message = error?.message ?? detail ?? null;
  // The data does not fit; anything else, a wrong key for one, can be put right.
  if (message === null || response.status === 400 || [106, 107].includes(error?.code)) {
    return message;
  }
  throw new Error(message);
}

relay();
Deno.serve({ port: 3000, hostname: "127.0.0.1" }, async (request) => {
  const [, , id = ""] = new URL(request.url).pathname.split("/");
  if (request.method === "GET") {
    return Response.json(db.prepare("SELECT id, status FROM orders ORDER BY id").all());
  }
  change(id, request.method === "PUT" ? { id, status: (await request.json()).status } : null);
  return new Response(null, { status: 204 });
});
