/** The reader's consent, in a browser's globals of the test's own. */
import assert from "node:assert/strict";
import type { Page } from "../../islands/page.ts";
import { Push } from "../../islands/push/push.ts";
import { Subscriber } from "../../islands/push/subscriber.ts";
import { define } from "../client/define.ts";

const key = "BAAA";

/** A browser that has not been asked yet, where subscribing takes as long as the test wants. */
function openBrowser() {
  const subscribed = Promise.withResolvers<void>();
  let subscription: object | null = null;
  let status = 201;
  const pushManager = {
    getSubscription: () => Promise.resolve(subscription),
    subscribe: async () => {
      await subscribed.promise;
      return subscription = {
        options: { applicationServerKey: Uint8Array.fromBase64(key).buffer },
        toJSON: () => ({ endpoint: "https://push.example/1" }),
        unsubscribe: () => {
          subscription = null;
          return Promise.resolve(true);
        },
      };
    },
  };
  const registration = { pushManager };
  const notification = {
    permission: "default",
    requestPermission: () => Promise.resolve(notification.permission = "granted"),
  };
  const serviceWorker = {
    register: () => Promise.resolve(registration),
    ready: Promise.resolve(registration),
    getRegistration: () => Promise.resolve(registration),
  };
  const globals = [
    define(globalThis, "Notification", notification),
    define(globalThis, "PushManager", class {}),
    define(navigator, "serviceWorker", serviceWorker),
    define(globalThis, "fetch", () => Promise.resolve(new Response(null, { status }))),
  ];
  return {
    finish: subscribed.resolve,
    answers: (now: number) => void (status = now),
    get isSubscribed() {
      return subscription !== null;
    },
    [Symbol.dispose]: () => globals.forEach((one) => one[Symbol.dispose]()),
  };
}

Deno.test("consent: a look that comes while it is being turned on does not undo that", async () => {
  using browser = openBrowser();
  const push = new Push({ language: "en" } as Page, { pushKey: key });
  const subscriber = new Subscriber(push, key, "token");
  await subscriber.look();
  assert.equal(push.consent.value, "off");
  const turned = subscriber.toggle();
  // As when the browser tells that the permission has changed.
  await subscriber.look();
  assert.equal(push.consent.value, "working");
  browser.finish();
  await turned;
  assert.equal(push.consent.value, "on");
  await subscriber.look();
  assert.equal(push.consent.value, "on");
});

Deno.test("consent: a look that began before the reader's choice does not undo it", async () => {
  using browser = openBrowser();
  const push = new Push({ language: "en" } as Page, { pushKey: key });
  const subscriber = new Subscriber(push, key, "token");
  await subscriber.look();
  const look = subscriber.look();
  const turned = subscriber.toggle();
  await look;
  assert.equal(push.consent.value, "working");
  browser.finish();
  await turned;
  assert.equal(push.consent.value, "on");
});

Deno.test("consent: a browser that somebody else uses now, who is no staff, is pushed no more", async () => {
  using browser = openBrowser();
  browser.finish();
  const push = new Push({ language: "en" } as Page, { pushKey: key });
  const looks = async (token: string, status: number) => {
    browser.answers(status);
    await new Subscriber(push, key, token).look();
    return [push.consent.value, browser.isSubscribed];
  };
  push.consent.value = "off";
  await new Subscriber(push, key, "staff").toggle();
  assert.deepEqual(await looks("staff", 503), ["failed", true]);
  assert.deepEqual(await looks("staff", 204), ["on", true]);
  assert.deepEqual(await looks("customer", 403), ["forbidden", false]);
});
