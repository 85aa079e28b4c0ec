/** The programs that make the load, compiled for each run of the bench. */
import { findProgram } from "../../tests/support/programs.ts";

const source = new URL("../load/", import.meta.url).pathname;

export interface LoadPrograms extends AsyncDisposable {
  readonly wsload: string;
  readonly climit: string;
  readonly hpub: string;
  readonly snapshots: string;
}

/** Into a folder that disposing removes. @throws Error that says which compiler is missing. */
export async function compileLoad(): Promise<LoadPrograms> {
  const gcc = compiler("gcc");
  const go = compiler("go");
  const folder = await Deno.makeTempDir({ prefix: "nhip-bench-" });
  const c = (name: string) => run(gcc, ["-O2", "-o", `${folder}/${name}`, `${source}${name}.c`]);
  await c("wsload");
  await c("climit");
  await c("snapshots");
  await run(go, ["build", "-o", `${folder}/hpub`, `${source}hpub.go`]);
  return {
    wsload: `${folder}/wsload`,
    climit: `${folder}/climit`,
    hpub: `${folder}/hpub`,
    snapshots: `${folder}/snapshots`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function compiler(name: "gcc" | "go"): string {
  const path = findProgram(name);
  if (path === null) {
    throw new Error(
      `The bench needs ${name} to compile its load programs (Debian: apt-get install gcc golang-go).`,
    );
  }
  return path;
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdout: "null" }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}
