import type { ServedTransport } from "../../../lib/transport/transport.ts";

/** The value of a sample of `/metrics`, all isolates together; 0 when it is not there. */
export async function metric(url: string, sample: string): Promise<number> {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  for (const line of text.split("\n")) {
    if (line.startsWith(`${sample} `)) return Number(line.slice(sample.length + 1));
  }
  return 0;
}

export function connections(url: string, transport: ServedTransport): Promise<number> {
  return metric(url, `nhip_connections{transport="${transport}"}`);
}
