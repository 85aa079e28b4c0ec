import { bundle } from "../bundle.ts";
import { entries, type Entry, ownNames } from "./entries.ts";

export interface ClientFile {
  /** Below the root of the server or of the package: `client/tabs.d.ts`. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const api = "lib/client/api.ts";
const root = new URL("../../", import.meta.url);

/** Scripts, their source maps and their declarations. @throws Error that says what failed */
export async function clientFiles(options: { minify: boolean }): Promise<readonly ClientFile[]> {
  const types = await Deno.readTextFile(new URL(api, root));
  if (/^(import\b|export\b.* from ")/m.test(types)) {
    throw new Error(`${api} imports: it is to declare all of the client by itself`);
  }
  return (await Promise.all(entries.map((entry) => filesOf(entry, types, options)))).flat();
}

async function filesOf(
  { name, module, smallest, declare }: Entry,
  types: string,
  options: { minify: boolean },
): Promise<readonly ClientFile[]> {
  const shorten = smallest && options.minify ? ownNames : [];
  const { code, map } = await bundle(module, { ...options, shorten });
  return [
    { name: `${name}.js`, bytes: code },
    { name: `${name}.js.map`, bytes: map },
    { name: `${name}.d.ts`, bytes: new TextEncoder().encode(declare(types)) },
  ];
}
