/**
 * Bundles the pages' scripts and the client and puts them, the style sheets and the icon into
 * `static/build`, under names that change with their content; `manifest.json` there says which is
 * which.
 *
 *     deno task build
 */
import { bundle } from "./bundle.ts";
import { clientFiles } from "./client/files.ts";
import { mapStyle } from "./map_style.ts";

const root = new URL("../", import.meta.url);
const folder = new URL("static/build/", root);
const scripts = ["chat", "dashboard", "charts", "live", "map", "driver", "inspect", "compare"];
const files = [
  "page.css",
  "chat.css",
  "alerts.css",
  "push.css",
  "dashboard.css",
  "driver.css",
  "inspect.css",
  "compare.css",
  "live.css",
  "icon.svg",
  "map_base.json",
];

/**
 * Writes everything anew and removes what earlier builds left.
 * @param options.minify takes most of the time
 * @throws Error that says what failed
 */
export async function build(options = { minify: true }): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const manifest: Record<string, string> = {};
  for (const name of scripts) {
    const { code } = await bundle(`islands/${name}.tsx`, options);
    manifest[`${name}.js`] = await keep(`${name}.js`, code);
  }
  const { code: worker } = await bundle("islands/service_worker.ts", options);
  manifest["service_worker.js"] = await keep("service_worker.js", worker);
  for (const { name, bytes } of await clientFiles(options)) {
    manifest[name] = await keep(name, bytes);
  }
  manifest["map.css"] = await keep("map.css", await mapStyle());
  for (const name of files) {
    manifest[name] = await keep(name, await Deno.readFile(new URL(`static/${name}`, root)));
  }
  // Written aside and moved, for a server may be reading it.
  const temporary = new URL("manifest.json.new", folder);
  await Deno.writeTextFile(temporary, JSON.stringify(manifest, null, 2) + "\n");
  await Deno.rename(temporary, new URL("manifest.json", folder));
  const kept = new Set([...Object.values(manifest), "manifest.json"]);
  for await (const { name } of Deno.readDir(folder)) {
    if (!kept.has(name)) await Deno.remove(new URL(name, folder));
  }
}

/** Writes the file under a name with its hash in it, all in one folder; returns that name. */
async function keep(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const flat = name.replaceAll("/", "-");
  const dot = flat.lastIndexOf(".");
  const file = `${flat.slice(0, dot)}.${digest.toHex().slice(0, 10)}${flat.slice(dot)}`;
  await Deno.writeFile(new URL(file, folder), bytes);
  return file;
}

if (import.meta.main) {
  try {
    await build();
  } catch (error) {
    // deno-lint-ignore no-console -- a tool for the command line
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
