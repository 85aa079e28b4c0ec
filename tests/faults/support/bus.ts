/**
 * Stands in each isolate of a server under test before the server itself: counts what goes over
 * BroadcastChannel and, on demand, loses some of it. On SIGTERM it prints its counts.
 *
 * TEST_BUS: `{"lose":{"publications":0.5,"heads":1},"floodMs":20}`: which share of each kind an
 * isolate does not hear, and how often a burst of other traffic overruns the channel.
 */
interface Settings {
  readonly lose?: Readonly<Record<string, number>>;
  readonly floodMs?: number;
}

const settings = JSON.parse(Deno.env.get("TEST_BUS") ?? "{}") as Settings;
/** BroadcastChannel keeps 256 messages for a receiver that is busy. */
const floodSize = 300;
const counts = { posted: 0, received: 0, lost: 0 };

class CountedChannel extends BroadcastChannel {
  constructor(name: string) {
    super(name);
    // What was assigned there would be an own property and hide this one.
    Object.defineProperty(this, "onmessage", {
      set: (listener: (event: MessageEvent) => void) => this.#listen(listener),
    });
    const { floodMs } = settings;
    if (floodMs === undefined) return;
    setInterval(() => {
      for (let i = 0; i < floodSize; i++) super.postMessage({ kind: "other traffic" });
    }, floodMs);
  }

  override postMessage(message: { kind: string }): void {
    if (message.kind === "publications") counts.posted++;
    super.postMessage(message);
  }

  #listen(listener: (event: MessageEvent) => void): void {
    this.addEventListener("message", (event) => {
      const { kind } = event.data as { kind: string };
      if (kind === "publications") counts.received++;
      if (Math.random() >= (settings.lose?.[kind] ?? 0)) return listener(event);
      counts.lost++;
    });
  }
}

globalThis.BroadcastChannel = CountedChannel;
Deno.addSignalListener("SIGTERM", () => {
  Deno.stdout.writeSync(new TextEncoder().encode(`bus ${JSON.stringify(counts)}\n`));
});
