// deno-lint-ignore-file no-console -- an example
// deno run --allow-net --allow-env docs/examples/map_subscription.js

import { Centrifuge } from "centrifuge";

const client = new Centrifuge("ws://127.0.0.1:8000/connection/websocket");
const subscription = client.newMapSubscription("bridge:orders");
const orders = new Map();

subscription.on("sync", ({ entries }) => {
  orders.clear();
  for (const { key, data } of entries) orders.set(key, data);
  show();
});
subscription.on("update", ({ key, data, removed }) => {
  if (removed) orders.delete(key);
  else orders.set(key, data);
  show();
});
subscription.subscribe();
client.connect();

function show() {
  console.log(JSON.stringify([...orders.values()]));
}
