/** The files of `static/build`, as the build's manifest names them. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Config } from "../../lib/config.ts";

const folder = new URL("../../static/build/", import.meta.url);

/** What `tools/build.ts` writes beside the files: source name to the file's name, hash included. */
export type Manifest = Readonly<Record<string, string>>;

export interface Asset {
  /** Its name, which changes with its content. */
  readonly file: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

export interface Assets {
  /** Where the file is served. @throws Error if it was not built. */
  address(name: string): string;
  /** By its name in that address; undefined for any other. */
  get(file: string): Asset | undefined;
  /** By the name it had before its content was put into it. */
  named(name: string): Asset | undefined;
}

/** @throws HTTPException 503 if there was no build */
export type AssetLoader = () => Promise<Assets>;

/**
 * Reads once, and in development what is new each time: there a build changes under the running
 * server.
 */
export function assetLoader({ mode }: Pick<Config, "mode">): AssetLoader {
  let loaded: Promise<Assets> | undefined;
  let known: Files = new Map();
  const load = async () => {
    const manifest = await readManifest();
    known = await readFiles(manifest, known);
    return assetsOf(manifest, known);
  };
  return () => {
    if (mode === "dev") return load();
    loaded ??= load().catch((error) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}

/** The file, compressed for those who take that. */
export function answerAsset(
  c: Context,
  asset: Asset,
  headers: Readonly<Record<string, string>>,
): Response {
  const zipped = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
  return c.body(zipped ? asset.gzipped : asset.bytes, 200, {
    "content-type": asset.type,
    "x-content-type-options": "nosniff",
    vary: "accept-encoding",
    ...(zipped && { "content-encoding": "gzip" }),
    ...headers,
  });
}

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
  ts: "application/typescript; charset=utf-8",
  map: "application/json",
};

/** By their names, which change with what is in them. */
type Files = ReadonlyMap<string, Asset>;

/**
 * Reads everything that was built into memory: only what the manifest names can be asked for.
 * @param known what need not be read again
 */
async function readFiles(manifest: Manifest, known: Files): Promise<Files> {
  const files = new Map<string, Asset>();
  for (const file of Object.values(manifest)) {
    files.set(file, known.get(file) ?? await readAsset(file));
  }
  return files;
}

async function readAsset(file: string): Promise<Asset> {
  const bytes = await Deno.readFile(new URL(file, folder));
  const type = types[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return { file, type, bytes, gzipped: await gzip(bytes) };
}

function assetsOf(manifest: Manifest, files: Files): Assets {
  const fileOf = (name: string) => Object.hasOwn(manifest, name) ? manifest[name] : undefined;
  return {
    get: (file) => files.get(file),
    named: (name) => files.get(fileOf(name) ?? ""),
    address(name) {
      const file = fileOf(name);
      if (file === undefined) throw new Error(`${name} was not built`);
      return `/static/${file}`;
    },
  };
}

async function readManifest(): Promise<Manifest> {
  try {
    return JSON.parse(await Deno.readTextFile(new URL("manifest.json", folder)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new HTTPException(503, { message: "the pages were not built; run: deno task build" });
  }
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
