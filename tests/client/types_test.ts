/**
 * What the compiler lets an application say of channels: each wrong line fails at its place, and put
 * right it passes. All lines are checked in one run.
 */
import assert from "node:assert/strict";
import { entries, type Entry } from "../../tools/client/entries.ts";

interface Case {
  readonly name: string;
  readonly right: string;
  readonly wrong: string;
  /** What the compiler has to say, at that line. */
  readonly says: RegExp;
}

const message = `{ id: "1", room: "help", author: "an", text: "xin chào", at: 1 }`;
const point =
  `{ id: "7", lat: 10.8, lon: 106.7, speed: 9, route: "1", headsign: "Bến Thành", at: 1 }`;

const cases: readonly Case[] = [
  {
    name: "a payload lacks a field",
    right: `client.channel("chat:help").publish(${message})`,
    wrong: `client.channel("chat:help").publish({ id: "1", room: "help", author: "an", at: 1 })`,
    says: /Property 'text' is missing/,
  },
  {
    name: "a payload has a field of another type",
    right: `client.channel("chat:help").publish(${message})`,
    wrong: `client.channel("chat:help").publish(${message.replace("at: 1", `at: "1"`)})`,
    says: /Type 'string' is not assignable to type 'number'/,
  },
  {
    name: "a payload has a field too many",
    right: `client.channel("chat:help").publish(${message})`,
    wrong: `client.channel("chat:help").publish(${message.replace("{", "{ mood: 1,")})`,
    says: /'mood' does not exist in type/,
  },
  {
    name: "a payload of another namespace",
    right: `client.state("vehicles:all").publish("7", ${point})`,
    wrong: `client.state("vehicles:all").publish("7", ${message})`,
    says: /not assignable to parameter|does not exist in type/,
  },
  {
    name: "a state's value without its key",
    right: `client.state("vehicles:all").publish("7", ${point}, { everyMs: 500 })`,
    wrong: `client.state("vehicles:all").publish(${point})`,
    says: /Expected 2-3 arguments, but got 1/,
  },
  {
    name: "a stream's publication with a key",
    right: `client.channel("chat:help").publish(${message})`,
    wrong: `client.channel("chat:help").publish("1", ${message})`,
    says: /Expected 1 arguments, but got 2/,
  },
  {
    name: "a state channel taken for a stream",
    right: `client.state("orders:all")`,
    wrong: `client.channel("orders:all")`,
    says: /'"orders:all"' is not assignable to parameter of type/,
  },
  {
    name: "a stream taken for a state channel",
    right: `client.channel("chat:help")`,
    wrong: `client.state("chat:help")`,
    says: /'"chat:help"' is not assignable to parameter of type/,
  },
  {
    name: "a stream of a namespace there is not",
    right: `client.channel("public:news")`,
    wrong: `client.channel("pubic:news")`,
    says: /'"pubic:news"' is not assignable to parameter of type/,
  },
  {
    name: "a state channel of a namespace there is not",
    right: `client.state("stock:all")`,
    wrong: `client.state("stocks:all")`,
    says: /'"stocks:all"' is not assignable to parameter of type/,
  },
  {
    name: "a name without a namespace",
    right: `client.channel("chat:help")`,
    wrong: `client.channel("chat")`,
    says: /'"chat"' is not assignable to parameter of type/,
  },
  {
    name: "a name known at run time alone",
    right: "client.channel(`chat:${text}`)",
    wrong: "client.channel(text)",
    says: /'string' is not assignable to parameter of type/,
  },
  {
    name: "what a room's name made at run time carries",
    right: "client.channel(`chat:${text}`).publish(" + message + ")",
    wrong: "client.channel(`chat:${text}`).publish({ text })",
    says: /missing the following properties.*: id, room, author, at/,
  },
  {
    name: "a listener that misreads a publication",
    right: `client.channel("chat:help").subscribe(({ data }) => use<string>(data.text))`,
    wrong: `client.channel("chat:help").subscribe(({ data }) => use<string>(data.body))`,
    says: /Property 'body' does not exist on type/,
  },
  {
    name: "a loop that misreads a publication",
    right:
      `for await (const { data } of client.channel("chat:a").subscribe()) use<number>(data.at)`,
    wrong:
      `for await (const { data } of client.channel("chat:a").subscribe()) use<string>(data.at)`,
    says: /'number' is not assignable to parameter of type 'string'/,
  },
  {
    name: "a loop that misreads a state",
    right: `for await (const all of client.state("orders:all").subscribe()) use<Orders>(all)`,
    wrong: `for await (const all of client.state("stock:all").subscribe()) use<Orders>(all)`,
    says: /not assignable to parameter of type 'Orders'/,
  },
  {
    name: "a change whose key may be gone",
    right: `client.state("orders:all").subscribe({ onChange: ({ data }) => use(data?.status) })`,
    wrong: `client.state("orders:all").subscribe({ onChange: ({ data }) => use(data.status) })`,
    says: /'data' is possibly 'undefined'/,
  },
  {
    name: "a status that an order cannot have",
    right: `use(client.state("orders:all").entries?.get("1")?.status === "shipped")`,
    wrong: `use(client.state("orders:all").entries?.get("1")?.status === "lost")`,
    says: /have no overlap/,
  },
  {
    name: "data of a namespace that says no type",
    right: `client.channel("public:news").subscribe(({ data }) => use<unknown>(data))`,
    wrong: `client.channel("public:news").subscribe(({ data }) => use<string>(data))`,
    says: /'unknown' is not assignable to parameter of type 'string'/,
  },
  {
    name: "a history's publications",
    right:
      `use<string | undefined>((await client.channel("chat:a").history()).publications[0]?.data.text)`,
    wrong:
      `use<number | undefined>((await client.channel("chat:a").history()).publications[0]?.data.text)`,
    says: /'string \| undefined' is not assignable/,
  },
  {
    name: "an application's own types",
    right: `own.state("cards:a").publish("1", { lane: "todo" })`,
    wrong: `own.state("cards:a").publish("1", { lane: "later" })`,
    says: /'"later"' is not assignable to type/,
  },
  {
    name: "types that leave open what has keys",
    right: `connect<{ a: { data: number; keyed: true } }>("/").state("a:b")`,
    wrong: `connect<{ a: { data: number } }>("/").state("a:b")`,
    says: /does not satisfy the constraint 'ChannelTypes'/,
  },
  {
    name: "an untyped client takes any channel, and data is unknown",
    right: `untyped.channel(text).subscribe(({ data }) => use<unknown>(data))`,
    wrong: `untyped.channel(text).subscribe(({ data }) => use<string>(data))`,
    says: /'unknown' is not assignable to parameter of type 'string'/,
  },
  {
    name: "what a channel carries, by its name",
    right: `use<ChannelData<"chat:help">>(${message})`,
    wrong: `use<ChannelData<"chat:help">>(${point})`,
    says: /does not exist in type/,
  },
  {
    name: "an option there is not",
    right: `connect<Channels>("/", { token: () => Promise.resolve(text), batchWindow: 200 })`,
    wrong: `connect<Channels>("/", { token: () => Promise.resolve(text), batchWindw: 200 })`,
    says: /'batchWindw' does not exist in type 'ConnectOptions'/,
  },
];

const root = new URL("../../", import.meta.url);
const moduleOf = (path: string) => JSON.stringify(new URL(path, root).href);
const head = [
  `import { connect } from ${moduleOf("lib/client/mod.ts")};`,
  `import type { ChannelData, Channels } from ${moduleOf("lib/channels.ts")};`,
  `const client = connect<Channels>("/");`,
  `const untyped = connect("/");`,
  `const own = connect<{ cards: { data: { lane: "todo" | "done" }; keyed: true } }>("/");`,
  `type Orders = ReadonlyMap<string, ChannelData<"orders:all">>;`,
  `declare const text: string;`,
  `declare function use<Type>(value: Type): void;`,
  `void [client, untyped, own, text, use];`,
];
const program = (lines: readonly string[]) => [...head, ...lines.map((line) => `${line};`)];

/** Passes when the declarations that are handed out say of a module what it has. */
function comparison({ name, module, declare }: Entry, api: string): readonly string[] {
  const declared = declare(api).matchAll(/^export (?:interface|type) (\w+)/gm);
  const types = [...declared].map(([, type]) => type);
  return [
    `import type * as declared from "./${name}.d.ts";`,
    `import type * as exported from ${moduleOf(module)};`,
    `export type { ${types.join(", ")} } from ${moduleOf(module)};`,
    `export const there = (all: typeof exported): typeof declared => all;`,
    `export const back = (all: typeof declared): typeof exported => all;`,
  ];
}

async function programs(): Promise<Record<string, readonly string[]>> {
  const files: Record<string, readonly string[]> = {
    "right.ts": program(cases.map(({ right }) => right)),
    "wrong.ts": program(cases.map(({ wrong }) => wrong)),
  };
  const api = await Deno.readTextFile(new URL("lib/client/api.ts", root));
  for (const entry of entries) {
    files[`${entry.name}.d.ts`] = [entry.declare(api)];
    files[`${entry.name.replaceAll("/", "_")}_declared.ts`] = comparison(entry, api);
  }
  return files;
}

/** What the compiler has to say of the files. */
async function check(files: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [file, lines] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${file.replace(/[^/]*$/, "")}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/${file}`, lines.join("\n"));
    }
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--config", new URL("deno.json", root).pathname, ...Object.keys(files)],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    return new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface CompilerError {
  /** File and line: `wrong.ts:9`. */
  readonly place: string;
  readonly text: string;
}

function errorsOf(output: string): readonly CompilerError[] {
  const form = /^TS\d+ \[ERROR\]: ([\s\S]*?)\n +at \S+\/([^/]+:\d+):\d+$/gm;
  return [...output.matchAll(form)].map(([, text = "", place = ""]) => ({ place, text }));
}

Deno.test("types: channels and their data are checked by the compiler", async (t) => {
  const output = await check(await programs());
  const errors = errorsOf(output);
  const placeOf = (at: number) => `wrong.ts:${head.length + at + 1}`;
  for (const [at, { name, says }] of cases.entries()) {
    await t.step(`refused: ${name}`, () => {
      const said = errors.filter(({ place }) => place === placeOf(at)).map(({ text }) => text);
      assert.match(said.join("\n") || "it compiles", says);
    });
  }
  await t.step("nothing else is refused, nor do the declarations differ from the modules", () => {
    const expected = new Set(cases.map((_, at) => placeOf(at)));
    assert.deepEqual(errors.filter(({ place }) => !expected.has(place)), []);
    assert.match(output, new RegExp(`^Found ${errors.length} errors`, "m"));
  });
});
