/** The files of `static/build`, as the build's manifest names them. */
import { HTTPException } from "hono/http-exception";

const folder = new URL("../../static/build/", import.meta.url);

/** What `tools/build.ts` writes beside the files: source name to the file's name, hash included. */
export type Manifest = Readonly<Record<string, string>>;

export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

export interface Assets {
  /** Where the file is served. @throws Error if it was not built. */
  address(name: string): string;
  /** By its name in the address; undefined for any other. */
  get(file: string): Asset | undefined;
}

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * Reads everything that was built into memory: only what the manifest names can be asked for.
 * @throws HTTPException 503 if there was no build
 */
export async function loadAssets(): Promise<Assets> {
  const manifest: Manifest = await readManifest();
  const files = new Map<string, Asset>();
  for (const file of Object.values(manifest)) {
    const bytes = await Deno.readFile(new URL(file, folder));
    const type = types[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    files.set(file, { type, bytes, gzipped: await gzip(bytes) });
  }
  return {
    get: (file) => files.get(file),
    address(name) {
      const file = manifest[name];
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
