/**
 * Nhịp: chooses the implementations, puts one isolate together and serves it.
 *
 *     deno run main.ts            production, one isolate
 *     deno run main.ts --dev      development: makes its own secrets, issues tokens to its pages
 *     deno serve main.ts served   one of several isolates; Deno owns the listening socket
 */
import { Hono } from "hono";
import { tokenVerifier } from "./lib/auth/tokens.ts";
import { bridgeDemand, nodeBridge } from "./lib/bridge/node_bridge.ts";
import type { Sources } from "./lib/bridge/sources.ts";
import type { Broker, BrokerContext } from "./lib/broker/broker.ts";
import { edgeBroker } from "./lib/broker/edge/edge.ts";
import { memoryBroker } from "./lib/broker/memory.ts";
import { type Config, ConfigError, readConfig, variables } from "./lib/config.ts";
import { Hub } from "./lib/hub/hub.ts";
import { Cluster } from "./lib/node/cluster.ts";
import { Emulation } from "./lib/node/emulation.ts";
import { type Node, version } from "./lib/node/node.ts";
import { operations } from "./lib/node/operations.ts";
import { Publisher } from "./lib/node/publisher.ts";
import { droppedAlerts } from "./lib/ops/dropped_alerts.ts";
import { runUntilSignal } from "./lib/ops/lifecycle.ts";
import { errorFields, type Log, logger } from "./lib/ops/log.ts";
import { Metrics } from "./lib/ops/metrics.ts";
import { PresenceInState } from "./lib/node/presence_in_state.ts";
import { kvPresence } from "./lib/presence/kv.ts";
import { memoryPresence } from "./lib/presence/memory.ts";
import { Heartbeat } from "./lib/node/heartbeat.ts";
import { Sessions } from "./lib/node/sessions.ts";
import { SharedPolls } from "./lib/shared_poll/shared_polls.ts";
import { nodePush } from "./lib/push/node_push.ts";
import type { Push } from "./lib/push/mod.ts";
import { type Channels, readChannels } from "./lib/registry.ts";
import { openStore, type Store } from "./lib/store/mod.ts";
import { outlet } from "./lib/store/outlet.ts";
import { requireOrigin, shopAccess } from "./routes/access.ts";
import { apiRoutes } from "./routes/api.ts";
import { clientRoutes } from "./routes/client.ts";
import { commandRoutes } from "./routes/commands.ts";
import { compareRoutes } from "./routes/compare.ts";
import { connectionRoutes } from "./routes/connection.ts";
import { emulationRoutes } from "./routes/emulation.ts";
import { eventRoutes } from "./routes/events.ts";
import { inspectRoutes } from "./routes/inspect.ts";
import { operationRoutes } from "./routes/operations.ts";
import { requireOwnHost } from "./routes/own_host.ts";
import { pushRoutes } from "./routes/push.ts";
import { assetLoader } from "./routes/pages/assets.ts";
import { pageRoutes } from "./routes/pages.tsx";
import { onRouteError, problem } from "./routes/problem.ts";
import { closedStoreRoutes, storeRoutes } from "./routes/store.ts";

const served = Deno.args.includes("served");
const config = await orExit(configuration);
const log = logger({
  least: config.logLevel,
  format: config.mode === "dev" ? "text" : "json",
});
const app = await orExit(() => compose(config, log));

export default served ? { fetch: app.fetch } : undefined;

runUntilSignal({ ...app, host: config.host, port: config.port, served, log });

function configuration(): Config {
  const mode = Deno.args.includes("--dev") ? "dev" : "start";
  const entries = variables.map((name) => [name, Deno.env.get(name) ?? ""]);
  const config = readConfig(mode, Object.fromEntries(entries));
  if (served && config.broker.kind === "memory") {
    throw new ConfigError(["BROKER_URL: memory: is one isolate's own; parallel needs edge:"]);
  }
  return config;
}

/** Whoever set a variable wrongly needs its name, not a stack. */
async function orExit<Result>(make: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // deno-lint-ignore no-console -- there is no log yet
    console.error(error.message);
    Deno.exit(1);
  }
}

async function compose(config: Config, log: Log) {
  for (const warning of config.warnings) log("warn", warning);
  const { registry, sources } = await readRegistry(config, log);
  const kv = await openKv(config.kvPath);
  const metrics = new Metrics();
  const onError = (error: unknown, stage: string) => {
    metrics.fault(stage);
    log("error", `fault: ${stage}`, errorFields(error));
  };
  const id = crypto.randomUUID();
  const hub = new Hub({
    onError,
    count: (what, n) => metrics.count(what, n),
    demand: bridgeDemand(() => bridge),
  });
  const sessions = new Sessions(config.maxConnections);
  const sharedPolls = createSharedPolls(metrics, log, onError);
  const emulation = new Emulation({
    self: id,
    knows: (other) => cluster.knows(other),
    ask: (other, argument) => cluster.askOne(other, "emulate", argument, 4_000),
    onError,
  });
  const cluster = createCluster(id, { hub, sessions, sharedPolls, emulation }, metrics, onError);
  const context: BrokerContext = {
    nodeId: id,
    ...hub.brokerContext,
    control: (message) => cluster.receive(message),
    onError,
  };
  const broker = createBroker(config, kv, context);
  hub.connect(broker);
  cluster.connect(broker);
  const node: Node = {
    id,
    registry,
    broker,
    hub,
    presence: config.broker.kind === "memory" ? memoryPresence() : kvPresence({ kv, onError }),
    presenceInState: new PresenceInState({ registry, broker, onError }),
    publisher: new Publisher(registry, broker, () => metrics.published()),
    sharedPolls,
    sessions,
    cluster,
    tokens: tokenVerifier(config.tokens),
    pings: new Heartbeat(config.pingSeconds, 8, onError),
    pingSeconds: config.pingSeconds,
    comments: new Heartbeat(15, 0, onError),
    limits: { subscriptions: 128, backlog: 1024 * 1024, connectMs: 10_000 },
    onError,
  };
  const bridge = nodeBridge(sources, node, metrics, log, (channel, status) => {
    if (config.shop) store.sourceChanged(channel, status);
  });
  const push = nodePush(config, node, kv, metrics, log);
  const alerts = { watchVehicles: config.shop, onAlertDropped: droppedAlerts(metrics, log) };
  const store = openStore({ kv, ...push.watch(outlet(node)), onError, ...alerts });
  metrics.observe({
    connections: () => ({
      websocket: sessions.count("websocket"),
      sse: sessions.count("sse"),
      http_stream: sessions.count("http_stream"),
      long_poll: sessions.count("long_poll"),
    }),
    placesTaken: () => sessions.taken,
    channels: () => hub.size,
    bridgeSources: () => bridge.count(),
    sharedPollKeys: () => sharedPolls.keys,
    outboxRows: () => store.backlog(),
  });
  await holdAlways(sources, node);
  const settle = async () => {
    await store.close();
    await push.close();
    await bridge[Symbol.asyncDispose]();
    await sharedPolls[Symbol.asyncDispose]();
    node.presenceInState[Symbol.dispose]();
    await node.presence[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
  };
  const close = async () => {
    await broker[Symbol.asyncDispose]();
    kv.close();
  };
  const { fetch } = routes(config, { node, emulation, store, push }, onError);
  return { fetch, sessions, cluster, settle, close };
}

async function readRegistry({ channelsFile }: Config, log: Log): Promise<Channels> {
  try {
    const channels = await readChannels(channelsFile, (name) => Deno.env.get(name));
    for (const warning of channels.warnings) log("warn", warning);
    return channels;
  } catch (error) {
    throw unusable("CHANNELS_FILE", error);
  }
}

function createSharedPolls(metrics: Metrics, log: Log, onError: Node["onError"]): SharedPolls {
  return new SharedPolls({
    onPolled: (namespace, outcome) => metrics.sharedPolled(namespace, outcome),
    onConflated: () => metrics.count("conflated", 1),
    onChange: (channel, failure) => {
      if (failure === null) log("info", "shared poll: the back end answers again", { channel });
      else log("warn", "shared poll: the back end fails", { channel, error: failure });
    },
    onError,
  });
}

/** Sources that are polled although nobody listens are listened to here. */
async function holdAlways(sources: Sources, { hub, registry }: Node): Promise<void> {
  await Promise.all(sources.always.map((channel) => hub.open(channel, registry.rules(channel))));
}

async function openKv(path: string | undefined): Promise<Deno.Kv> {
  const slash = path?.lastIndexOf("/") ?? -1;
  try {
    if (path !== undefined && slash > 0) {
      await Deno.mkdir(path.slice(0, slash), { recursive: true });
    }
    return await Deno.openKv(path);
  } catch (error) {
    throw unusable(`KV_PATH: ${path ?? "the platform's database"}`, error);
  }
}

function unusable(variable: string, error: unknown): ConfigError {
  return new ConfigError([`${variable}: ${error instanceof Error ? error.message : error}`]);
}

function createBroker(config: Config, kv: Deno.Kv, context: BrokerContext): Broker {
  switch (config.broker.kind) {
    case "memory":
      return memoryBroker(context);
    case "edge":
      return edgeBroker(context, { kv, ring: config.ring });
  }
}

function createCluster(
  id: string,
  { hub, sessions, sharedPolls, emulation }:
    & Pick<Node, "hub" | "sessions" | "sharedPolls">
    & { emulation: Emulation },
  metrics: Metrics,
  onError: Node["onError"],
): Cluster {
  const started = performance.now();
  const self = () => {
    const active = [...hub.active(), ...sharedPolls.active()];
    return {
      id,
      name: `nhip-${id.slice(0, 8)}`,
      version,
      uptimeSeconds: Math.floor((performance.now() - started) / 1_000),
      clients: sessions.size,
      users: sessions.users().size,
      channels: active.length,
      subscriptions: active.reduce((sum, { subscribers }) => sum + subscribers, 0),
    };
  };
  const all = {
    ...operations(hub, sessions, sharedPolls),
    metrics: () => metrics.snapshot(),
    emulate: (argument: unknown) => emulation.take(argument),
  };
  return new Cluster({ self, operations: all, onError });
}

function routes(
  config: Config,
  { node, emulation, store, push }: {
    node: Node;
    emulation: Emulation;
    store: Store;
    push: Push;
  },
  onError: Node["onError"],
): Hono {
  const { apiKey, allowedOrigins } = config;
  const app = new Hono();
  app.onError(onRouteError((error) => onError(error, "request")));
  app.notFound((c) => problem(c, 404, `no ${c.req.method} ${c.req.path}`));
  for (const path of ["/connection/*", "/emulation", "/v1/*", "/live/*"]) {
    app.use(path, requireOwnHost(config));
  }
  app.route("/", connectionRoutes(node, allowedOrigins));
  app.route("/", emulationRoutes(node, emulation, allowedOrigins));
  app.route("/", apiRoutes(node, apiKey));
  app.route("/", eventRoutes(node, allowedOrigins));
  app.route("/", commandRoutes(node, allowedOrigins));
  app.route("/", operationRoutes(node));
  app.route("/", inspectRoutes(node, config));
  app.route("/", compareRoutes(node, config));
  app.use("/store/*", requireOrigin(allowedOrigins));
  app.route("/store", config.shop ? shopRoutes(config, node, store, onError) : closedStoreRoutes());
  const assets = assetLoader(config);
  app.route("/", clientRoutes(assets, config));
  app.route("/", pushRoutes({ push, tokens: node.tokens, assets, allowedOrigins }));
  app.route("/", pageRoutes({ config, node, store, assets }));
  return app;
}

function shopRoutes({ apiKey }: Config, node: Node, store: Store, onError: Node["onError"]) {
  return storeRoutes({
    store,
    ...shopAccess(node.tokens, apiKey),
    onError: (error) => onError(error, "store"),
  });
}
