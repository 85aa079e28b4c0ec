/**
 * Prints what a task needs to know of the environment on its command line, where the task shell
 * has no default values: the paths the server may read or write, or the address it listens on.
 */
const defaults = ".nhip";
const at = Deno.env.get("KV_PATH") || undefined;
const folder = at === undefined ? undefined : at.slice(0, at.lastIndexOf("/") + 1) || ".";

const port = Deno.env.get("PORT") || "8000";

const words: Readonly<Record<string, string>> = {
  read: [".", folder, Deno.env.get("CHANNELS_FILE") || undefined].filter(Boolean).join(","),
  write: [defaults, folder].filter(Boolean).join(","),
  host: Deno.env.get("HOST") || "127.0.0.1",
  // A port that is none is for the server to refuse, by the variable's name.
  port: /^\d+$/.test(port) && Number(port) <= 65_535 ? port : "0",
};

const word = words[Deno.args[0] ?? ""];
if (word === undefined) {
  // deno-lint-ignore no-console -- a tool for the command line
  console.error(`usage: paths.ts ${Object.keys(words).join("|")}`);
  Deno.exit(2);
}
await Deno.stdout.write(new TextEncoder().encode(word));
