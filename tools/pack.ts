/**
 * Writes the client's npm package to `.nhip/npm` and, where npm is installed, packs it there. It
 * publishes nothing.
 *
 *     deno task pack
 */
import { packageFiles, tarball } from "./client/package.ts";
import { say } from "./dev/say.ts";

const folder = new URL("../.nhip/npm/", import.meta.url);

/** Resolves with whether there is a tarball. @throws Error that says what failed */
async function pack(): Promise<boolean> {
  const files = await packageFiles();
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  for (const { name, bytes } of files) {
    const file = new URL(name, folder);
    await Deno.mkdir(new URL(".", file), { recursive: true });
    await Deno.writeFile(file, bytes);
  }
  const npm = await runNpm(["pack", "--silent", "--ignore-scripts", "--offline"]);
  if (npm !== null && !npm.success) {
    throw new Error(`npm pack failed:\n${new TextDecoder().decode(npm.stderr)}`);
  }
  return npm !== null;
}

/** null where npm is not installed. */
async function runNpm(args: string[]): Promise<Deno.CommandOutput | null> {
  try {
    return await new Deno.Command("npm", { args, cwd: folder, stdin: "null" }).output();
  } catch (error) {
    // A program that is not there cannot have been permitted, either.
    const { NotFound, NotCapable } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotCapable) return null;
    throw error;
  }
}

try {
  const isPacked = await pack();
  say(isPacked ? `.nhip/npm/${tarball}` : ".nhip/npm (npm is not installed: no tarball)");
} catch (error) {
  // deno-lint-ignore no-console -- a tool for the command line
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
