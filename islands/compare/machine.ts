/** On what a comparison was recorded, as `deno task compare` writes it. */
export interface Machine {
  readonly cores: number;
  readonly system: string;
  /** With its version. */
  readonly runtime: string;
}

/** As `Deno.build.os` has them. */
const systems: Readonly<Record<string, string>> = {
  linux: "Linux",
  darwin: "macOS",
  windows: "Windows",
};

/** @param text such as `2 cores, linux, Deno 2.9.6`; null: it is of another form. */
export function readMachine(text: string): Machine | null {
  const [, cores, system, runtime] = /^(\d+) cores?, (\w+), (.+)$/.exec(text) ?? [];
  if (cores === undefined || system === undefined || runtime === undefined) return null;
  return { cores: Number(cores), system: systems[system] ?? system, runtime };
}
