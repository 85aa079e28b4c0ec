/** The script of the SharedWorker: the host of all tabs that use its name. */
import { network } from "../client.ts";
import { Host } from "./host.ts";
import { livesByLocks, lockManager } from "./lives.ts";

/** What is used of the worker's globals. */
const scope = globalThis as {
  onconnect?: (event: { readonly ports: readonly MessagePort[] }) => void;
};

const locks = lockManager();
if (locks !== undefined) {
  const host = new Host(network, livesByLocks(locks));
  scope.onconnect = ({ ports: [port] }) => {
    if (port === undefined) return;
    const take = host.attach((message) => port.postMessage(message), () => port.close());
    port.onmessage = ({ data }) => take(data);
  };
}
