/** The service worker's script, in a worker's globals of the test's own. */
import assert from "node:assert/strict";
import { define } from "../client/define.ts";

interface Shown {
  readonly title: string;
  readonly options: { readonly silent: boolean };
}

/** One push, with these windows of the site open: what is shown of it. */
async function pushed(message: object, windows: readonly object[]): Promise<Shown | undefined> {
  const listeners = new Map<string, (event: object) => void>();
  let shown: Shown | undefined;
  const registration = {
    getNotifications: () => Promise.resolve([]),
    showNotification: (title: string, options: { readonly silent: boolean }) => {
      shown = { title, options };
      return Promise.resolve();
    },
  };
  const clients = { matchAll: () => Promise.resolve(windows) };
  using _registration = define(globalThis, "registration", registration);
  using _clients = define(globalThis, "clients", clients);
  using _listen = define(
    globalThis,
    "addEventListener",
    (type: string, listener: (event: object) => void) => listeners.set(type, listener),
  );
  // Another address each time, so that the script runs again.
  await import(`../../islands/service_worker.ts#${crypto.randomUUID()}`);
  let work: Promise<unknown> = Promise.resolve();
  const waitUntil = (promise: Promise<unknown>) => void (work = promise);
  listeners.get("push")?.({ data: { json: () => message }, waitUntil });
  await work;
  return shown;
}

const message = { title: "New order", body: "o-1", language: "en", count: 1, orders: ["o-1"] };
const at = (path: string, visibilityState: string) => ({
  url: `https://shop.example${path}`,
  visibilityState,
});

Deno.test("service worker: it is silent only where the orders themselves are looked at", async () => {
  const isSilent = async (windows: readonly object[]) =>
    (await pushed(message, windows))?.options.silent;
  assert.equal(await isSilent([]), false);
  assert.equal(await isSilent([at("/?lang=en", "visible")]), true);
  assert.equal(await isSilent([at("/", "hidden")]), false);
  assert.equal(await isSilent([at("/chat/support", "visible"), at("/", "hidden")]), false);
});

Deno.test("service worker: it shows something, whatever has come", async () => {
  assert.deepEqual((await pushed({}, []))?.title, "New orders");
});
