// deno-lint-ignore-file no-console -- an example
// In a page, or on the command line: deno run --allow-net docs/examples/event_source.js

const events = new EventSource("http://127.0.0.1:8000/v1/events?channels=bridge:orders");
const orders = new Map();
let isNew = true;

events.addEventListener("subscribed", () => isNew = true);
events.addEventListener("state", ({ data }) => {
  const { state, more } = JSON.parse(data);
  if (isNew) orders.clear();
  isNew = false;
  for (const { key, data } of state) orders.set(key, data);
  if (!more) show();
});
events.addEventListener("message", ({ data }) => {
  const { pub } = JSON.parse(data);
  if (pub.removed) orders.delete(pub.key);
  else orders.set(pub.key, pub.data);
  show();
});

function show() {
  console.log(JSON.stringify([...orders.values()]));
}
