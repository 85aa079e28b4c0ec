/**
 * What the compiler lets an application say of channels: each wrong line fails at its place, and put
 * right it passes. All lines are checked in one run.
 */
import assert from "node:assert/strict";
import { entries, type Entry } from "../../tools/client/entries.ts";
import { clientTypes } from "../../tools/client/files.ts";
import { cases } from "./type_cases.ts";

const root = new URL("../../", import.meta.url);
const moduleOf = (path: string) => JSON.stringify(new URL(path, root).href);
const head = [
  `import { connect } from ${moduleOf("lib/client/mod.ts")};`,
  `import type { ChannelData, Channels } from ${moduleOf("lib/channels.ts")};`,
  `const client = connect<Channels>("/");`,
  `const untyped = connect("/");`,
  `const own = connect<{ cards: { data: { lane: "todo" | "done" }; keyed: true } }>("/");`,
  // As the types of npm's ws have it, and as undici has fetch.
  `interface WsEvent { type: string; target: WsSocket }`,
  `interface WsMessage extends WsEvent { data: string | Uint8Array | Uint8Array[] }`,
  `interface WsClose extends WsEvent { code: number; reason: string; wasClean: boolean }`,
  `declare class WsSocket {`,
  `  constructor(address: string | URL, options?: { headers?: Record<string, string> });`,
  `  onopen: ((event: WsEvent) => void) | null;`,
  `  onmessage: ((event: WsMessage) => void) | null;`,
  `  onerror: ((event: WsEvent & { message: string }) => void) | null;`,
  `  onclose: ((event: WsClose) => void) | null;`,
  `  send(data: string | Uint8Array, done?: (error?: Error) => void): void;`,
  `  close(code?: number, reason?: string): void;`,
  `}`,
  `declare class Deaf { onopen: null; onerror: null; onclose: null; send(): void; close(): void }`,
  `interface OtherResponse {`,
  `  status: number;`,
  `  headers: Headers;`,
  `  body: ReadableStream<Uint8Array> | null;`,
  `  text(): Promise<string>;`,
  `}`,
  `declare function otherFetch(url: string | URL, init?: { method?: string; body?: string | null;`,
  `  headers?: Record<string, string>; signal?: AbortSignal | null }): Promise<OtherResponse>;`,
  `interface Own {`,
  `  cards: { data: string; keyed: true };`,
  `  "": { data: { lobby: number }; keyed: false };`,
  `}`,
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
  // As an application has it: two generic functions cannot be compared in general.
  const connects = declare(api).includes("function connect") ? ["connect<Channels>"] : [];
  return [
    `import type * as declared from "./${name}.d.ts";`,
    `import type * as exported from ${moduleOf(module)};`,
    `import type { Channels } from ${moduleOf("lib/channels.ts")};`,
    `export type { ${types.join(", ")} } from ${moduleOf(module)};`,
    `export const there = (all: keyof typeof exported): keyof typeof declared => all;`,
    `export const back = (all: keyof typeof declared): keyof typeof exported => all;`,
    ...connects.flatMap((one) => [
      `export const to = (it: typeof exported.${one}): typeof declared.${one} => it;`,
      `export const from = (it: typeof declared.${one}): typeof exported.${one} => it;`,
    ]),
    `export type Used = Channels;`,
  ];
}

async function programs(): Promise<Record<string, readonly string[]>> {
  const files: Record<string, readonly string[]> = {
    "right.ts": program(cases.map(({ right }) => right)),
    "wrong.ts": program(cases.map(({ wrong }) => wrong)),
  };
  for (const page of ["README.md", "docs/client.md"]) {
    files[page.replace(/\W/g, "_") + ".ts"] = await typedExample(page);
  }
  const api = await clientTypes();
  for (const entry of entries) {
    files[`${entry.name}.d.ts`] = [entry.declare(api)];
    files[`${entry.name.replaceAll("/", "_")}_declared.ts`] = comparison(entry, api);
  }
  return files;
}

/** What a document shows of types, as it is but for where the client is. */
async function typedExample(page: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(new URL(page, root));
  const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(text) ?? [];
  assert.match(code, /connect<Channels>/, page);
  return [code.replace(/"http:[^"]*client\.js"/, moduleOf("lib/client/mod.ts"))];
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
