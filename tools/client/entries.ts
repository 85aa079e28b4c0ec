/** What the client is delivered as: served by the server, and in the npm package. */

export interface Entry {
  /** Without a suffix: the address below the root, and the path in the package. */
  readonly name: string;
  /** Its path from the project's root. */
  readonly module: string;
  /** Its declarations. @param api the text of lib/client/api.ts */
  readonly declare: (api: string) => string;
}

const connect = `
/** Opens a connection as soon as something is subscribed to, and keeps it until it is closed. */
export declare function connect<Types extends ChannelTypes = ChannelTypes>(
  url: string | URL,
  options?: ConnectOptions,
): Client<Types>;
`;

/** Without it everything a declaration file declares would be exported. */
const end = "\nexport {};\n";

export const entries: readonly Entry[] = [
  {
    name: "client",
    module: "lib/client/mod.ts",
    declare: (api) => `${api}${connect}${end}`,
  },
];
