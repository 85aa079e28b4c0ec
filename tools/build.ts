/**
 * Bundles the pages' scripts and puts them, the style sheets and the icon into `static/build`,
 * under names that change with their content; `manifest.json` there says which is which.
 *
 *     deno task build
 */
const root = new URL("../", import.meta.url);
const folder = new URL("static/build/", root);
const scripts = ["dashboard", "live"];
const files = ["dashboard.css", "live.css", "icon.svg"];

/** Writes everything anew and removes what earlier builds left. @throws Error that says what failed */
export async function build(): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const manifest: Record<string, string> = {};
  for (const name of scripts) {
    manifest[`${name}.js`] = await keep(`${name}.js`, await bundle(name));
  }
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

/** Writes the file under a name with its hash in it; returns that name. */
async function keep(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const dot = name.lastIndexOf(".");
  const file = `${name.slice(0, dot)}.${digest.toHex().slice(0, 10)}${name.slice(dot)}`;
  await Deno.writeFile(new URL(file, folder), bytes);
  return file;
}

async function bundle(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=browser", "--minify", `islands/${name}.tsx`],
    cwd: root,
    stdin: "null",
  }).output();
  if (!success || stdout.length === 0) {
    throw new Error(`cannot bundle islands/${name}.tsx:\n${new TextDecoder().decode(stderr)}`);
  }
  return stdout;
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
