/** Imports point one way: main → routes → lib/… → lib/protocol, islands → lib/client → lib/protocol. */
import assert from "node:assert/strict";

interface Import {
  readonly from: string;
  readonly to: string;
  /** The import is of types alone and is gone when the program runs. */
  readonly typeOnly: boolean;
}

interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

const root = new URL("../../", import.meta.url).href;
const imports = await importsOf(["main.ts", ...await files("islands"), ...await files("lib")]);

async function files(folder: string): Promise<string[]> {
  const found: string[] = [];
  const url = new URL(folder, root);
  if (!await Deno.stat(url).then(() => true, () => false)) return found;
  for await (const { name, isDirectory } of Deno.readDir(url)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await files(path));
    else if (/\.tsx?$/.test(name) && !name.endsWith(".d.ts")) found.push(path);
  }
  return found;
}

/** All imports between the project's own modules, by paths from its root. */
async function importsOf(entries: readonly string[]): Promise<readonly Import[]> {
  const all = new Map<string, Import>();
  const source = entries.map((entry) => `import ${JSON.stringify(`${root}${entry}`)};`).join("\n");
  const list = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(list, source);
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", new URL("deno.json", root).pathname, list],
    cwd: new URL(root).pathname,
  }).output();
  await Deno.remove(list);
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { modules }: Info = JSON.parse(new TextDecoder().decode(stdout));
  for (const { specifier, error, dependencies = [] } of modules) {
    if (!specifier.startsWith(root)) continue;
    if (error !== undefined) throw new Error(`${specifier}: ${error}`);
    const from = specifier.slice(root.length);
    for (const { code, type } of dependencies) {
      const target = code?.specifier ?? type?.specifier;
      if (target === undefined) continue;
      const to = target.startsWith(root) ? target.slice(root.length) : target;
      all.set(`${from} ${to}`, { from, to, typeOnly: code?.specifier === undefined });
    }
  }
  return [...all.values()];
}

/** Of the project's modules, those below a folder; a name with its suffix is that file. */
const below = (...folders: string[]) => (path: string) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
const own = (path: string) => !path.includes(":");

/** Those who import what they must not. */
function offenders(
  from: (path: string) => boolean,
  allowed: (path: string, typeOnly: boolean) => boolean,
): string[] {
  return imports.filter((one) => from(one.from) && !allowed(one.to, one.typeOnly))
    .map((one) => `${one.from} imports ${one.to}`);
}

const protocol = below("lib/protocol");
const client = below("lib/client");
const server = below(
  ...[
    "session",
    "node",
    "api",
    "transport",
    "hub",
    "broker",
    "presence",
    "auth",
    "store",
    "ops",
    "kv",
  ]
    .map((name) => `lib/${name}`),
);

Deno.test("imports: the graph has been read", () => {
  const from = new Set(imports.map((one) => one.from));
  for (const path of ["main.ts", "routes/api.ts", "lib/hub/hub.ts", "lib/broker/edge/edge.ts"]) {
    assert.ok(from.has(path), path);
  }
  assert.ok(imports.some(({ typeOnly }) => typeOnly) && imports.some(({ typeOnly }) => !typeOnly));
});

Deno.test("imports: lib/protocol imports nothing outside itself", () => {
  assert.deepEqual(offenders(protocol, protocol), []);
});

Deno.test("imports: nothing imports main.ts, and only main.ts imports routes/", () => {
  assert.deepEqual(offenders(() => true, (to) => to !== "main.ts"), []);
  const outside = (path: string) => path !== "main.ts" && !below("routes")(path);
  assert.deepEqual(offenders(outside, (to) => !below("routes")(to)), []);
});

Deno.test("imports: routes/ import lib/ and islands/", () => {
  const allowed = below("routes", "lib", "islands");
  assert.deepEqual(offenders(below("routes"), (to) => !own(to) || allowed(to)), []);
});

Deno.test("imports: lib/ imports nothing above it", () => {
  assert.deepEqual(offenders(below("lib"), (to) => !own(to) || below("lib")(to)), []);
});

/** The port, and what every implementation of it does alike. */
const brokerPort = new Set(
  ["broker.ts", "key_rules.ts", "state_page.ts"].map((file) => `lib/broker/${file}`),
);
const implementations = (path: string) =>
  (below("lib/broker")(path) && !brokerPort.has(path)) ||
  (below("lib/presence")(path) && path !== "lib/presence/presence.ts");

Deno.test("imports: only main.ts chooses a broker and a presence store", () => {
  const others = (path: string) => path !== "main.ts" && !below("lib/broker", "lib/presence")(path);
  assert.deepEqual(offenders(others, (to) => !implementations(to)), []);
  // Nor does one implementation lean on another.
  const edge = below("lib/broker/edge");
  assert.deepEqual(offenders(edge, (to) => !implementations(to) || edge(to)), []);
});

Deno.test("imports: lib/hub knows ports only", () => {
  const strange = below(
    "lib/transport",
    "lib/session",
    "lib/node",
    "lib/api",
    "lib/store",
    "lib/auth",
  );
  assert.deepEqual(offenders(below("lib/hub"), (to) => !strange(to) && !implementations(to)), []);
});

Deno.test("imports: brokers, presence and transports know neither hub nor sessions", () => {
  const ports = below("lib/broker", "lib/presence", "lib/transport");
  const above = below("lib/hub", "lib/session", "lib/node", "lib/api");
  assert.deepEqual(offenders(ports, (to) => !above(to)), []);
});

Deno.test("imports: sessions and transports run without routes' or the shop's code", () => {
  const core = below(
    "lib/session",
    "lib/transport",
    "lib/hub",
    "lib/broker",
    "lib/presence",
    "lib/node",
  );
  assert.deepEqual(offenders(core, (to) => !below("lib/store")(to)), []);
});

Deno.test("imports: the client knows the protocol, and of the server's modules their types alone", () => {
  const allowed = (to: string, typeOnly: boolean) =>
    client(to) || protocol(to) || (typeOnly && to === "lib/channels.ts");
  assert.deepEqual(offenders(client, allowed), []);
});

Deno.test("imports: islands know the client and the protocol, and of the server types alone", () => {
  const islands = below("islands");
  const allowed = (to: string, typeOnly: boolean) =>
    !own(to) || islands(to) || client(to) || protocol(to) || typeOnly;
  assert.deepEqual(offenders(islands, allowed), []);
});

Deno.test("imports: the server does without the client", () => {
  assert.deepEqual(offenders(server, (to) => !client(to)), []);
});

Deno.test("imports: the modules that run make no circle", () => {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) {
    if (!typeOnly && own(to)) next.set(from, [...next.get(from) ?? [], to]);
  }
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    assert.ok(!way.includes(path), [...way, path].join(" → "));
    if (done.has(path)) return;
    for (const to of next.get(path) ?? []) visit(to, [...way, path]);
    done.add(path);
  };
  for (const path of next.keys()) visit(path, []);
});
