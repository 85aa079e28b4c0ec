/** One module and all it imports as one script for browsers. */
import { minify } from "terser";

export interface Bundle {
  readonly code: Uint8Array<ArrayBuffer>;
  /** The source map; its sources are paths from the project's root. */
  readonly map: Uint8Array<ArrayBuffer>;
}

export interface BundleOptions {
  readonly minify: boolean;
  /** Reading a property never does anything: not so with signals. */
  readonly pureGetters?: boolean;
  /** Properties that may have other names in the script: none that anybody else reads or writes. */
  readonly shorten?: readonly string[];
}

const root = new URL("../", import.meta.url);
const mark = "//# sourceMappingURL=data:application/json;base64,";
const encoder = new TextEncoder();

/** @param module its path from the project's root @throws Error that says what failed */
export async function bundle(
  module: string,
  { minify, pureGetters = false, shorten = [] }: BundleOptions,
): Promise<Bundle> {
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
  const code = output.slice(0, end);
  const map = Uint8Array.fromBase64(output.slice(end + mark.length));
  if (!minify) return { code: encoder.encode(code), map };
  return await smaller(code, new TextDecoder().decode(map), pureGetters, shorten);
}

/** Deno's minifier leaves a tenth that another one finds. */
async function smaller(
  code: string,
  map: string,
  pureGetters: boolean,
  shorten: readonly string[],
): Promise<Bundle> {
  const names = new RegExp(`^(${shorten.join("|")})$`);
  const result = await minify(code, {
    module: true,
    ecma: 2020,
    compress: {
      passes: 4,
      unsafe_arrows: true,
      pure_getters: pureGetters,
      hoist_props: true,
      hoist_funs: true,
      // Repeated code compresses better than a shorter one.
      reduce_funcs: false,
      // Nobody puts other functions in the place of the language's own.
      unsafe: true,
    },
    mangle: { ...shorten.length > 0 && { properties: { regex: names, builtins: true } } },
    sourceMap: { content: map },
  });
  const { code: less = code, map: itsMap = map } = result;
  return {
    code: encoder.encode(less),
    map: encoder.encode(typeof itsMap === "string" ? itsMap : JSON.stringify(itsMap)),
  };
}
