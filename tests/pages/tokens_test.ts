/** A viewer's token, and the visits that go by it, in a page's globals of the test's own. */
import assert from "node:assert/strict";
import { Inspect } from "../../islands/inspect/inspect.ts";
import { InspectVisit } from "../../islands/inspect/visit.ts";
import { followTokens, forgetToken } from "../../islands/token.ts";
import { define } from "../client/define.ts";
import { eventually } from "../support/clients/eventually.ts";

/** An open page whose address the test changes. */
function openPage() {
  const listeners = new Map<string, () => void>();
  const location = { hash: "", pathname: "/inspect", search: "?lang=en" };
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const replaceState = (_state: unknown, _title: string, address: string) => {
    assert.equal(address, "/inspect?lang=en");
    location.hash = "";
  };
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const globals = [
    define(globalThis, "location", location),
    define(globalThis, "history", { state: null, replaceState }),
    define(globalThis, "sessionStorage", storage),
    define(globalThis, "document", document),
    define(globalThis, "requestAnimationFrame", () => 0),
    define(
      globalThis,
      "addEventListener",
      (type: string, listener: () => void) => listeners.set(type, listener),
    ),
  ];
  return {
    go(hash: string) {
      location.hash = hash;
      listeners.get("hashchange")?.();
    },
    get address() {
      return `${location.pathname}${location.search}${location.hash}`;
    },
    [Symbol.dispose]: () => globals.forEach((one) => one[Symbol.dispose]()),
  };
}

Deno.test("token: one that is kept is taken once, and again only when the address brings one", () => {
  using page = openPage();
  const taken: string[] = [];
  page.go("#token=a");
  followTokens((token) => taken.push(token));
  assert.deepEqual([taken, page.address], [["a"], "/inspect?lang=en"]);
  // The way to the page's main part, for one.
  page.go("#main");
  assert.deepEqual([taken, page.address], [["a"], "/inspect?lang=en#main"]);
  page.go("#token=b");
  assert.deepEqual(taken, ["a", "b"]);
  followTokens((token) => taken.push(token));
  assert.deepEqual(taken, ["a", "b", "b"]);
  forgetToken();
  followTokens((token) => taken.push(token));
  assert.deepEqual(taken, ["a", "b", "b"]);
});

/** The inspector's server: what it was asked, and by whom. Its tails go on until they are given up. */
function openServer() {
  const asked: string[] = [];
  const facts = { channel: "public:a", namespace: "public", kind: "stream", presence: false };
  let isOver = false;
  let looks = 0;
  const answer = (address: string, { headers, signal }: RequestInit) => {
    if (isOver) return Promise.resolve(Response.json({}, { status: 401 }));
    const [path = ""] = address.replace("/inspect/api/", "").split("?");
    asked.push(`${path} ${new Headers(headers).get("authorization")}`);
    const position = { epoch: "e", offset: path === "channel" ? ++looks : 0 };
    if (path !== "tail") {
      return Promise.resolve(Response.json({ ...facts, history: null, position }));
    }
    const body = new ReadableStream({
      start: (stream) => {
        signal?.addEventListener("abort", () => stream.error(new Error("given up")));
      },
    });
    return Promise.resolve(new Response(body));
  };
  return {
    asked,
    refuse: () => void (isOver = true),
    [Symbol.dispose]: define(globalThis, "fetch", answer)[Symbol.dispose],
  };
}

Deno.test("inspect: another token goes on with the channel that is looked at", async () => {
  using page = openPage();
  using server = openServer();
  const inspect = new Inspect({ language: "en", timeZone: "UTC", access: "needed", token: null });
  const visit = new InspectVisit(inspect);
  page.go("#token=a");
  visit.begin(null);
  await visit.choose("public:a");
  await eventually(() => inspect.tail.state.value === "live", "the tail");
  page.go("#main");
  assert.equal(inspect.tail.state.value, "live");
  page.go("#token=b");
  await eventually(() => server.asked.includes("tail Bearer b"), "the other tail");
  await eventually(() => inspect.tail.state.value === "live", "the tail");
  assert.equal(inspect.chosen.value.name, "known");
  server.refuse();
  await visit.choose("public:b");
  assert.deepEqual([inspect.page.access.value, inspect.tail.state.value], ["refused", "off"]);
});

Deno.test("inspect: what is known of a channel is brought up to date after publishing to it", async () => {
  using page = openPage();
  using server = openServer();
  const inspect = new Inspect({ language: "en", timeZone: "UTC", access: "needed", token: null });
  const visit = new InspectVisit(inspect);
  page.go("#token=a");
  visit.begin(null);
  await visit.choose("public:a");
  const { chosen, tail } = inspect;
  const offset = () => chosen.value.name === "known" && chosen.value.facts.position?.offset;
  assert.equal(offset(), 1);
  await eventually(() => tail.state.value === "live", "the tail");
  assert.equal((await visit.publish({ channel: "public:a", data: 1 })).done, true);
  await eventually(() => offset() === 2, "another look");
  assert.equal(tail.state.value, "live");
  assert.equal(server.asked.filter((one) => one.startsWith("tail")).length, 1);
  server.refuse();
  await visit.choose("public:b");
});
