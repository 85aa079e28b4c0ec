import { bundle } from "../bundle.ts";
import { entries, type Entry, ownNames } from "./entries.ts";

export interface ClientFile {
  /** Below the root of the server or of the package: `client/tabs.d.ts`. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Together they declare all of the client. */
const api = ["lib/client/platform.ts", "lib/client/api.ts"];
const root = new URL("../../", import.meta.url);

/** Scripts, their source maps and their declarations. @throws Error that says what failed */
export async function clientFiles(options: { minify: boolean }): Promise<readonly ClientFile[]> {
  const types = await clientTypes();
  return (await Promise.all(entries.map((entry) => filesOf(entry, types, options)))).flat();
}

/** The text of the types that every entry declares. @throws Error when it needs other files */
export async function clientTypes(): Promise<string> {
  const texts = await Promise.all(api.map((path) => Deno.readTextFile(new URL(path, root))));
  const types = texts.join("\n").replace(
    /^(import|export) type .* from "\.\/platform\.ts";\n/gm,
    "",
  );
  if (/^(import\b|export\b.* from ")/m.test(types)) {
    throw new Error(`${api.join(" and ")} are to declare all of the client by themselves`);
  }
  return types;
}

async function filesOf(
  { name, module, smallest, declare }: Entry,
  types: string,
  options: { minify: boolean },
): Promise<readonly ClientFile[]> {
  const shorten = smallest && options.minify ? ownNames : [];
  const { code, map } = await bundle(module, { ...options, pureGetters: true, shorten });
  return [
    { name: `${name}.js`, bytes: code },
    { name: `${name}.js.map`, bytes: map },
    { name: `${name}.d.ts`, bytes: new TextEncoder().encode(declare(types)) },
  ];
}
