/** Bundles for browsers what is outside of the project, with the versions the project names. */

interface Config {
  readonly imports: Readonly<Record<string, string>>;
  readonly scopes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const root = new URL("../../", import.meta.url);

/** @param module its name in the folder, as is `output` @throws Error that says what failed */
export async function bundleFolder(path: string, module: string, output: string): Promise<void> {
  const { imports, scopes }: Config = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", root)),
  );
  const isReact = module.endsWith(".jsx") && module.startsWith("react");
  const config = {
    imports: {
      ...imports,
      ...scopes["./docs/examples/"],
      "react/jsx-runtime": `${scopes["./docs/examples/"]?.["react"]}/jsx-runtime`,
      "nhip-client": "./nhip-client.js",
    },
    compilerOptions: { jsx: "react-jsx", jsxImportSource: isReact ? "react" : "preact" },
  };
  await Deno.writeTextFile(`${path}/deno.json`, JSON.stringify(config));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--no-lock", "--platform=browser", "-o", output, module],
    cwd: path,
    stdin: "null",
  }).output();
  if (!success) throw new Error(`cannot bundle ${module}:\n${new TextDecoder().decode(stderr)}`);
}
