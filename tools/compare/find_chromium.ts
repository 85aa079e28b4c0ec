/**
 * Prints where Chromium is, or its usual name where it is not installed: for the permission to run it,
 * and for the tool, which may not look for it.
 */
const names = ["chromium", "chromium-browser", "google-chrome"];

function find(): string | undefined {
  const own = Deno.env.get("CHROMIUM");
  if (own !== undefined && own !== "") return own;
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  return folders.flatMap((folder) => names.map((name) => `${folder}/${name}`)).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

// deno-lint-ignore no-console -- a tool for the command line
console.log(find() ?? "chromium");
