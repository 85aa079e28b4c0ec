/**
 * Programs of the machine that some tests need. Where one is missing its tests are reported as
 * ignored, under their names and with the reason; where CI is set they fail instead, so that a
 * build never passes by having tried nothing.
 */
const names = {
  chromium: ["chromium", "chromium-browser", "google-chrome"],
  nginx: ["nginx"],
  haproxy: ["haproxy"],
  squid: ["squid"],
  curl: ["curl"],
  ps: ["ps"],
  node: ["node"],
  npm: ["npm"],
  gcc: ["gcc"],
  go: ["go"],
} as const;

export type Program = keyof typeof names;

/** Where an unprivileged user's PATH often does not look. */
const elsewhere = ["/usr/sbin", "/usr/local/sbin", "/usr/local/go/bin"];

/** Its path; null where it is not installed. */
export function findProgram(program: Program): string | null {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), ...elsewhere];
  for (const name of names[program]) {
    for (const folder of folders) {
      const path = `${folder}/${name}`;
      if (folder !== "" && isFile(path)) return path;
    }
  }
  return null;
}

/** Its path. @throws Error where it is not installed. */
export function requireProgram(program: Program): string {
  const path = findProgram(program);
  if (path === null) throw new Error(`${program} is not installed`);
  return path;
}

/** Registers a test that needs these programs. */
export function testWith(
  needs: readonly Program[],
  name: string,
  run: (t: Deno.TestContext) => void | Promise<void>,
): void {
  const missing = needs.filter((program) => findProgram(program) === null);
  if (missing.length === 0) return Deno.test(name, run);
  const reason = `needs ${missing.join(", ")}, not installed`;
  if (Deno.env.get("CI")) {
    return Deno.test(name, () => {
      throw new Error(reason);
    });
  }
  Deno.test.ignore(`${name} (${reason})`, run);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
