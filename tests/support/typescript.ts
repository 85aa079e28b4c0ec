/** npm's TypeScript, for what is to compile outside of Deno. */
const config = new URL("../../deno.json", import.meta.url);

/** The compiler's complaints about the folder's `tsconfig.json`, of one line each. */
export async function typeScriptErrors(
  folder: string,
  tsconfig:
    & { readonly compilerOptions: Readonly<Record<string, unknown>> }
    & (
      | { readonly files: readonly string[] }
      | { readonly include: readonly string[] }
    ),
): Promise<readonly string[]> {
  await Deno.writeTextFile(`${folder}/tsconfig.json`, JSON.stringify(tsconfig));
  const { imports } = JSON.parse(await Deno.readTextFile(config));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `${imports.typescript}/tsc`, "--noEmit", "--pretty", "false"],
    cwd: folder,
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stdout).trim();
  if (code === 0) return [];
  if (said === "") throw new Error(`tsc: ${new TextDecoder().decode(stderr)}`);
  // What explains an error is indented below it.
  return said.split(/\n(?! )/);
}
