// deno-lint-ignore-file no-console -- an example
// deno run --allow-net docs/examples/fetch_loop.js

const url = "http://127.0.0.1:8000/v1/events?channels=bridge:orders";
const orders = new Map();

for (let cursor = "";;) {
  const response = await fetch(cursor === "" ? url : `${url}&cursor=${cursor}`).catch(() => null);
  if (!response?.ok) {
    await response?.body?.cancel();
    if (response?.status === 400) cursor = "";
    await new Promise((retry) => setTimeout(retry, 1_000 + 2_000 * Math.random()));
    continue;
  }
  const answer = await response.json();
  const begun = answer.channels?.["bridge:orders"];
  if (cursor === "" || begun?.recovered === false) orders.clear();
  for (const { key, data } of begun?.state ?? []) orders.set(key, data);
  for (const { pub: { key, data, removed } } of answer.messages) {
    if (removed) orders.delete(key);
    else orders.set(key, data);
  }
  cursor = answer.cursor;
  if (!begun?.more) show();
}

function show() {
  console.log(JSON.stringify([...orders.values()]));
}
