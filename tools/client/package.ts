import { version } from "../../lib/node/node.ts";
import { type ClientFile, clientFiles } from "./files.ts";

export const packageName = "nhip-client";
/** As npm names it. */
export const tarball = `${packageName}-${version}.tgz`;

const root = new URL("../../", import.meta.url);

/** All of the npm package. Not minified: whoever installs it bundles it, and may have to read it. */
export async function packageFiles(): Promise<readonly ClientFile[]> {
  const all = await clientFiles({ minify: false });
  const client = all.filter(({ name }) => !name.endsWith(".map"));
  const names = client.map(({ name }) => name);
  return [
    { name: "package.json", bytes: encode(`${JSON.stringify(manifest(names), null, 2)}\n`) },
    { name: "README.md", bytes: await Deno.readFile(new URL("npm.md", import.meta.url)) },
    { name: "LICENSE", bytes: await Deno.readFile(new URL("LICENSE", root)) },
    ...client,
  ];
}

function manifest(files: readonly string[]) {
  const scripts = files.filter((name) => name.endsWith(".js"));
  const exports = scripts.map((name) => {
    // client.js is the package itself, client/tabs.js its part "./tabs".
    const part = name === "client.js" ? "." : name.replace(/^client\/(.*)\.js$/, "./$1");
    return [part, { types: `./${name.replace(/\.js$/, ".d.ts")}`, default: `./${name}` }];
  });
  return {
    name: packageName,
    version,
    description: "Real time over WebSocket, SSE and long-poll on one cursor: the client of Nhịp",
    keywords: ["realtime", "websocket", "sse", "eventsource", "long-polling", "pubsub"],
    license: "MIT",
    type: "module",
    sideEffects: false,
    engines: { node: ">=20" },
    exports: Object.fromEntries(exports),
    types: "./client.d.ts",
    files,
  };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
