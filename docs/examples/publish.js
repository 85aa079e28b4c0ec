// For Node and Deno. The API key comes from the environment: API_KEY.

import process from "node:process";

/** @param data what the endpoint gives for the key from now on; null: the key is gone */
export async function publish(channel, key, data) {
  const method = data === null ? "map_remove" : "map_publish";
  const response = await fetch(`http://127.0.0.1:8000/api/${method}`, {
    method: "POST",
    headers: { "X-API-Key": process.env.API_KEY ?? "", "Content-Type": "application/json" },
    body: JSON.stringify({ channel, key, data }),
    signal: AbortSignal.timeout(2_000),
  });
  const { error, detail } = await response.json();
  if (!response.ok || error) throw new Error(`not published: ${error?.message ?? detail}`);
}
