/** What the client is delivered as: served by the server, and in the npm package. */

export interface Entry {
  /** Without a suffix: the address below the root, and the path in the package. */
  readonly name: string;
  /** Its path from the project's root. */
  readonly module: string;
  /** What is made as small as can be: its own objects have short names, see `ownNames`. */
  readonly smallest?: true;
  /** Its declarations. @param api the text of the types that all have */
  readonly declare: (api: string) => string;
}

const connect = `
/** Opens a connection as soon as something is subscribed to, and keeps it until it is closed. */
export declare function connect<Types extends Typed<Types> = ChannelTypes>(
  url: string | URL,
  options?: ConnectOptions,
): Client<Types>;
`;

const connectTabs = `
export interface TabsOptions extends Omit<ConnectOptions, "environment"> {
  /** The worker's script, of the page's own origin; \`client/worker.js\` of the server when absent. */
  readonly worker?: string | URL;
}

/** As the client's \`connect\`; the tabs of an origin with the same url, options and grant share one. */
export declare function connect<Types extends Typed<Types> = ChannelTypes>(
  url: string | URL,
  options?: TabsOptions,
): Client<Types>;
`;

/** Without it everything a declaration file declares would be exported. */
const end = "\nexport {};\n";

const connectStreams = `
/** As the whole client's \`connect\`, for streams that are listened to. */
export declare function connect<Types extends Typed<Types> = ChannelTypes>(
  url: string | URL,
  options?: StreamsOptions,
): StreamsClient<Types>;
`;

export const entries: readonly Entry[] = [
  {
    name: "client",
    module: "lib/client/mod.ts",
    declare: (api) => `${api}${connect}${end}`,
  },
  {
    name: "client/streams",
    module: "lib/client/streams.ts",
    smallest: true,
    declare: (api) => `${api}${connectStreams}${end}`,
  },
  {
    name: "client/tabs",
    module: "lib/client/tabs.ts",
    declare: (api) => `${api}${connectTabs}${end}`,
  },
  {
    // The script that client/tabs runs as a SharedWorker; it exports nothing.
    name: "client/worker",
    module: "lib/client/tabs/worker.ts",
    declare: () => end.trimStart(),
  },
];

/**
 * Properties of objects that never leave the client: not those of the wire, of the platform, or of
 * what the application gives and gets.
 */
export const ownNames: readonly string[] = [
  ...["kind", "url", "promise", "renewed", "again", "proven", "failures", "cuts", "returns"],
  ...["trying", "trail", "timer", "afterMs", "atLeastMs", "tokens", "remembered", "current"],
  ...["update", "wanted", "link", "tell", "check", "on", "why", "livedMs", "using", "started"],
  ...["upAt", "query", "heartbeat", "seconds", "beside", "nextId", "replied", "counted"],
  ...["published", "refused", "up", "down", "ended", "context", "restart", "begin", "opening"],
  ...["start", "page", "request", "heard", "stop", "listeners", "refuse", "onNews", "tellGap"],
  ...["command", "reply", "take", "mayFollow", "connections", "feed"],
];
