/** Calls without a WebSocket: the requests that they go by, and what becomes of those. */
import assert from "node:assert/strict";
import { deferred } from "../../lib/client/deferred.ts";
import { type Commands, commandServer, done, problem, unanswered } from "./answers.ts";
import { callsIn, dataOf, fakes, lost, online } from "./fakes.ts";

Deno.test("client: without a subscription, or on SSE, calls go by requests, one after the other", async () => {
  const { fetch, bodies } = commandServer();
  await using fake = fakes({ environment: { fetch } });
  const published = [1, 2].map((n) => fake.client.channel("a").publish(n));
  await fake.pass(0);
  await Promise.all(published);
  assert.deepEqual(bodies.map(dataOf), [[1, 2]]);
  assert.equal(fake.opened(), "");
  await online(fake, "sse");
  bodies.length = 0;
  const more = fake.client.channel("a").publish(3);
  await fake.pass(0);
  await more;
  assert.deepEqual(bodies.map(dataOf), [[3]]);
});

Deno.test("client: what waits goes by a request when the last subscription ends", async () => {
  const { fetch, bodies } = commandServer();
  await using fake = fakes({ environment: { fetch } });
  const subscription = fake.client.channel("a").subscribe(() => {});
  const published = fake.client.channel("a").publish(1);
  await fake.pass(500);
  assert.equal(bodies.length, 0);
  subscription.unsubscribe();
  await fake.pass(0);
  await published;
  assert.deepEqual(bodies.map(dataOf), [[1]]);
});

Deno.test("client: a request that fails is made again", async () => {
  const answers = [502, 503, 200];
  const { fetch, bodies } = commandServer((commands) => {
    const status = answers.shift() ?? 200;
    return status === 200 ? done(commands) : new Response(null, { status });
  });
  await using fake = fakes({ environment: { fetch } });
  const published = fake.client.channel("a").publish(1);
  await fake.pass(5_000);
  await published;
  assert.equal(bodies.length, 3);
  assert.deepEqual(bodies[0], bodies[2]);
});

/** The next `lost` requests for commands are never answered; `done` is what was. */
function forgetfulServer() {
  const left = { lost: 0 };
  const all: Commands[] = [];
  const { fetch } = commandServer((commands, init) => {
    if (left.lost-- > 0) return unanswered(init);
    all.push(commands);
    return done(commands);
  });
  return { fetch, done: all, left };
}

Deno.test("client: a request that is lost on its way is made again after ten seconds", async () => {
  const { fetch, done: bodies, left } = forgetfulServer();
  await using fake = fakes({ environment: { fetch } });
  await online(fake, "sse");
  left.lost = 1;
  const rpc = fake.client.rpc("once");
  const refused = assert.rejects(rpc, { code: 0 });
  await fake.pass(0);
  const published = fake.client.channel("a").publish(1);
  await fake.pass(10_999);
  assert.equal(dataOf(bodies.flat()).length, 0);
  await fake.pass(1);
  await Promise.all([refused, published]);
  assert.deepEqual(dataOf(bodies.flat()), [1]);
});

Deno.test("client: a request that is lost holds up no call on the next connection", async () => {
  const { fetch, left } = forgetfulServer();
  await using fake = fakes({ environment: { fetch } });
  await online(fake, "sse");
  left.lost = 1;
  const published = [fake.client.channel("a").publish(1)];
  await fake.pass(0);
  await fake.pass(15_000);
  left.lost = 1;
  published.push(fake.client.channel("a").publish(2));
  await fake.pass(0);
  const socket = fake.link("websocket");
  socket.up();
  const rpc = fake.client.rpc("once");
  await fake.pass(0);
  socket.answer();
  await fake.pass(0);
  await Promise.all([...published, rpc]);
});

Deno.test("client: a request that hangs holds up nothing once there is a connection again", async () => {
  let isDark = true;
  const { fetch, bodies } = commandServer((commands, init) =>
    isDark ? unanswered(init) : done(commands)
  );
  await using fake = fakes({ transports: ["sse"], environment: { fetch } });
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  // It asks for the time, which is never answered.
  fake.link("sse").up();
  await fake.pass(0);
  const published = fake.client.channel("a").publish("news");
  await fake.pass(0);
  assert.deepEqual(dataOf(bodies.flat()), []);
  isDark = false;
  fake.link("sse").context.down(lost);
  await fake.pass(1_000);
  fake.link("sse").up();
  await fake.pass(0);
  await published;
  assert.deepEqual(dataOf(bodies.flat()), ["news"]);
});

/** The first request is under way until the test answers it, or lets it fail. */
function slowServer() {
  const { promise, resolve, reject } = deferred<Response>();
  const { fetch, bodies } = commandServer((commands) =>
    bodies.length === 1 ? promise : done(commands)
  );
  const end = (how: Response | Error) => how instanceof Error ? reject(how) : resolve(how);
  return { fetch, end, answer: () => resolve(done(bodies[0] ?? [])) };
}

Deno.test("client: what is asked by a request is answered though a connection comes up meanwhile", async () => {
  const server = slowServer();
  await using fake = fakes({ environment: { fetch: server.fetch } });
  const rpc = fake.client.rpc("slow");
  await fake.pass(100);
  await online(fake);
  server.answer();
  await fake.pass(0);
  assert.ok(await rpc);
});

Deno.test("client: a request that fails leaves alone what went over the WebSocket meanwhile", async () => {
  const server = slowServer();
  await using fake = fakes({ environment: { fetch: server.fetch } });
  const published = fake.client.channel("a").publish(0);
  await fake.pass(100);
  const link = await online(fake);
  const rpc = fake.client.rpc("x");
  await fake.pass(0);
  assert.deepEqual(callsIn(link.commands).map((command) => Object.keys(command)[1]), [
    "publish",
    "rpc",
  ]);
  server.end(new Error("network"));
  await fake.pass(0);
  link.answer();
  await Promise.all([published, rpc]);
});

Deno.test("client: an answer that comes late settles no call but its own", async () => {
  const server = slowServer();
  await using fake = fakes({ transports: ["websocket"], environment: { fetch: server.fetch } });
  const state = fake.client.state("v:1");
  const first = state.publish("k", 1);
  await fake.pass(0);
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  // It goes again over the WebSocket, and is replaced by another value once that is lost, too.
  fake.link("websocket").up();
  fake.link("websocket").context.down(lost);
  const settled: string[] = [];
  const second = state.publish("k", 2).finally(() => settled.push("second"));
  await fake.pass(1_000);
  const link = fake.link("websocket");
  link.up();
  server.answer();
  await fake.pass(0);
  assert.deepEqual([dataOf(link.commands), settled], [[2], []]);
  link.answer();
  await Promise.all([first, second]);
});

Deno.test("client: a request that is refused late holds nothing up on the WebSocket", async () => {
  const busy = problem({ status: 503, detail: "restarting" }, { "retry-after": "30" });
  for (const end of [busy, new Error("network")]) {
    const server = slowServer();
    await using fake = fakes({ environment: { fetch: server.fetch } });
    const refused = assert.rejects(fake.client.rpc("slow"), { code: 0 });
    await fake.pass(100);
    const link = await online(fake);
    server.end(end);
    await fake.pass(0);
    const published = fake.client.channel("a").publish(1);
    await fake.pass(0);
    assert.deepEqual(dataOf(link.commands), [1]);
    link.answer();
    await Promise.all([refused, published]);
  }
});

/** Takes the token of that number alone. */
function tokenServer() {
  const valid = { token: 1 };
  const refusal = { status: 401, code: 109, detail: "token expired" };
  const { fetch } = commandServer((commands, { headers }) => {
    const token = new Headers(headers).get("authorization");
    return token === `Bearer ${valid.token}` ? done(commands) : problem(refusal);
  });
  return { fetch, valid };
}

Deno.test("client: an rpc that an expired token kept from being done is sent with a new one", async () => {
  const { fetch, valid } = tokenServer();
  valid.token = 2;
  let tokens = 0;
  await using fake = fakes({ token: () => `${++tokens}`, environment: { fetch } });
  const rpc = fake.client.rpc("x");
  await fake.pass(0);
  assert.ok(await rpc);
  assert.equal(tokens, 2);
});

Deno.test("client: one that only calls renews its token as often as that expires", async () => {
  const { fetch, valid } = tokenServer();
  let tokens = 0;
  await using fake = fakes({ token: () => `${++tokens}`, environment: { fetch } });
  for (valid.token = 1; valid.token <= 6; valid.token++) {
    const published = fake.client.channel("a").publish(valid.token);
    await fake.pass(0);
    await published;
    await fake.pass(600_000);
  }
  assert.equal(tokens, 6);
});

Deno.test("client: a request waits for as long as the server's Retry-After says", async () => {
  const busy = { status: 503, detail: "restarting" };
  const { fetch, bodies } = commandServer((commands) =>
    bodies.length === 1 ? problem(busy, { "retry-after": "30" }) : done(commands)
  );
  await using fake = fakes({ environment: { fetch } });
  const published = [fake.client.channel("a").publish(1)];
  await fake.pass(1_000);
  // Neither does what is called meanwhile go sooner.
  published.push(fake.client.channel("a").publish(2));
  await fake.pass(28_999);
  assert.equal(bodies.length, 1);
  await fake.pass(1);
  await Promise.all(published);
  assert.deepEqual(bodies.slice(1).map(dataOf), [[1, 2]]);
});

Deno.test("client: a call that the answer leaves out is rejected", async () => {
  const { fetch, bodies } = commandServer((commands) =>
    bodies.length === 1 ? done(commands.slice(1)) : done(commands)
  );
  await using fake = fakes({ environment: { fetch } });
  const channel = fake.client.channel("a");
  const [one, two] = [channel.publish(1), channel.publish(2)];
  const refused = assert.rejects(one, { code: 0, message: "the answer is missing" });
  await fake.pass(0);
  await Promise.all([refused, two]);
  await fake.pass(60_000);
  assert.equal(bodies.length, 1);
});

Deno.test("client: after a temporary error by request it waits a second", async () => {
  const { fetch, bodies } = commandServer((commands) => {
    const error = { code: 100, message: "overloaded", temporary: true };
    const replies = commands.map(({ id }) => JSON.stringify({ id, error }));
    return bodies.length <= 3 ? new Response(replies.join("\n")) : done(commands);
  });
  await using fake = fakes({ environment: { fetch } });
  const published = fake.client.channel("a").publish(1);
  for (const posts of [1, 2, 3, 4]) {
    await fake.pass(999);
    assert.equal(bodies.length, posts);
    await fake.pass(1);
  }
  await published;
});
