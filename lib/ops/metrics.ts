/** What `/metrics` tells, in Prometheus' text format; all isolates of the process together. */
import prometheus from "prom-client";
import type { Counted } from "../hub/channel_stream.ts";

export interface Gauges {
  readonly connections: () => Readonly<Record<string, number>>;
  readonly placesTaken: () => number;
  readonly channels: () => number;
  /** By state: starting, live, stale. */
  readonly bridgeSources: () => Readonly<Record<string, number>>;
  readonly sharedPollKeys: () => number;
  readonly outboxRows: () => number;
}

export class Metrics {
  readonly #registry = new prometheus.Registry();
  readonly #publications = this.#counter("publications_total", "Publications taken by this node");
  readonly #counted: Readonly<Record<Counted, prometheus.Counter>> = {
    delivered: this.#counter("deliveries_total", "Publications handed to subscribers"),
    gap: this.#counter("gaps_total", "Live publications missing or late, filled from the log"),
    reset: this.#counter("resets_total", "Streams that could not be read on"),
    dropped: this.#counter("dropped_total", "Publications without history dropped under overload"),
    conflated: this.#counter(
      "conflated_total",
      "Values of keys replaced by later ones for a reader",
    ),
  };
  readonly #polls = this.#counter(
    "bridge_polls_total",
    "Polls of the bridge's sources by outcome",
    ["source", "outcome"],
  );
  readonly #bridged = this.#counter(
    "bridge_changes_total",
    "Keys that the bridge has published or removed",
    ["source"],
  );
  readonly #sharedPolls = this.#counter(
    "shared_polls_total",
    "Requests to the back ends of shared poll namespaces by outcome",
    ["namespace", "outcome"],
  );
  readonly #pushes = this.#counter(
    "pushes_total",
    "Web pushes by outcome; withheld: the user looks at a page",
    ["outcome"],
  );
  readonly #alertsDropped = this.#counter(
    "alerts_dropped_total",
    "Alerts of the shop not raised for want of room, by kind",
    ["kind"],
  );
  readonly #errors = this.#counter("errors_total", "Faults by stage", ["stage"]);

  /** Gauges are read when the metrics are asked for. */
  observe(
    { connections, placesTaken, channels, bridgeSources, sharedPollKeys, outboxRows }: Gauges,
  ): void {
    this.#gauge("connections", "Open connections by transport", ["transport"], (gauge) => {
      for (const [transport, n] of Object.entries(connections())) gauge.set({ transport }, n);
    });
    this.#gauge(
      "places_taken",
      "Of MAX_CONNECTIONS; more than the connections by sockets whose peer does not let go",
      [],
      (gauge) => gauge.set(placesTaken()),
    );
    this.#gauge(
      "channels",
      "Channels open in this node's hub",
      [],
      (gauge) => gauge.set(channels()),
    );
    this.#gauge(
      "bridge_sources",
      "Sources that this node polls, by how that goes",
      ["state"],
      (gauge) => {
        for (const [state, n] of Object.entries(bridgeSources())) gauge.set({ state }, n);
      },
    );
    this.#gauge(
      "shared_poll_keys",
      "Keys that this node's connections follow in shared poll channels",
      [],
      (gauge) => gauge.set(sharedPollKeys()),
    );
    this.#gauge(
      "store_outbox_rows",
      "Events of the shop not yet published",
      [],
      (gauge) => gauge.set(outboxRows()),
    );
    // Of the whole process: the isolates' answers are one number, not to be summed.
    this.#gauge(
      "resident_memory_bytes",
      "Resident memory of the process",
      [],
      (gauge) => gauge.set(Deno.memoryUsage().rss),
      "max",
    );
  }

  published(): void {
    this.#publications.inc();
  }

  count(what: Counted, n: number): void {
    this.#counted[what].inc(n);
  }

  polled(source: string, outcome: string, changes: number): void {
    this.#polls.inc({ source, outcome });
    if (changes > 0) this.#bridged.inc({ source }, changes);
  }

  sharedPolled(namespace: string, outcome: string): void {
    this.#sharedPolls.inc({ namespace, outcome });
  }

  pushed(outcome: string, n: number): void {
    this.#pushes.inc({ outcome }, n);
  }

  alertDropped(kind: string): void {
    this.#alertsDropped.inc({ kind });
  }

  fault(stage: string): void {
    this.#errors.inc({ stage });
  }

  /** For `aggregate`. */
  snapshot(): Promise<unknown> {
    return this.#registry.getMetricsAsJSON();
  }

  #counter(name: string, help: string, labelNames: string[] = []) {
    return new prometheus.Counter({
      name: `nhip_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
    });
  }

  #gauge(
    name: string,
    help: string,
    labelNames: string[],
    read: (gauge: prometheus.Gauge) => void,
    aggregator: "sum" | "max" = "sum",
  ): void {
    new prometheus.Gauge({
      name: `nhip_${name}`,
      help,
      labelNames,
      aggregator,
      registers: [this.#registry],
      collect() {
        read(this);
      },
    });
  }
}

/** The text of several nodes' snapshots put together. */
export async function aggregate(snapshots: Iterable<unknown>): Promise<string> {
  const all = [...snapshots] as object[];
  return await prometheus.AggregatorRegistry.aggregate(all).metrics();
}

export const metricsContentType = prometheus.register.contentType;
