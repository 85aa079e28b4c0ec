/** One module and all it imports as one script for browsers. */

export interface Bundle {
  readonly code: Uint8Array<ArrayBuffer>;
  /** The source map; its sources are paths from the project's root. */
  readonly map: Uint8Array<ArrayBuffer>;
}

const root = new URL("../", import.meta.url);
const mark = "//# sourceMappingURL=data:application/json;base64,";

/** @param module its path from the project's root @throws Error that says what failed */
export async function bundle(module: string, { minify }: { minify: boolean }): Promise<Bundle> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--sourcemap=inline",
      ...minify ? ["--minify"] : [],
      module,
    ],
    cwd: root,
    stdin: "null",
  }).output();
  const output = new TextDecoder().decode(stdout);
  const end = output.lastIndexOf(mark);
  if (!success || end < 0) {
    throw new Error(`cannot bundle ${module}:\n${new TextDecoder().decode(stderr)}`);
  }
  return {
    code: new TextEncoder().encode(output.slice(0, end)),
    map: Uint8Array.fromBase64(output.slice(end + mark.length)),
  };
}
