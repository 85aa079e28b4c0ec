import { connect } from "./lib/client/mod.ts";
import { startServer } from "./tests/support/server.ts";
await using server = await startServer();
for (const t of ["websocket","sse","long_poll"] as const) {
  const client = connect(server.url, { transports: [t] });
  const got: number[] = [];
  const sub = client.channel(`public:${t}`).subscribe((p) => got.push((p.data as {n:number}).n));
  await sub.ready;
  for (let n = 1; n <= 5; n++) await server.api("publish", { channel: `public:${t}`, data: { n } });
  await new Promise((r) => setTimeout(r, 300));
  const h = await client.channel(`public:${t}`).history({ limit: 2 });
  console.log(t, got, client.status.value, client.quality.value, h.publications.length, h.position);
  console.log(await client.channel("nope:x").subscribe(() => {}).ready.catch((e) => ["refused", e.code, e.message]));
  const loop = client.channel(`public:${t}`).subscribe();
  await server.api("publish", { channel: `public:${t}`, data: { n: 6 } });
  for await (const p of loop) { console.log("iter", p.data); break; }
  sub.unsubscribe();
  console.log("after", client.status.value);
  await server.api("publish", { channel: `public:${t}`, data: { n: 7 } });
  const again: unknown[] = [];
  await client.channel(`public:${t}`).subscribe((p) => again.push(p.data), { since: { epoch: h.position.epoch, offset: 4 } }).ready;
  await new Promise((r) => setTimeout(r, 200));
  console.log(again);
  await client.close();
}
