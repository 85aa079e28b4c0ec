/**
 * Installs what the tests need of other programs, where that can be done without asking: as root on
 * a Debian. Anywhere else, and when it fails, it says so and the tests decide (programs.ts).
 */
import { findProgram, type Program } from "./programs.ts";

const packages: Partial<Record<Program, string>> = {
  chromium: "chromium",
  nginx: "nginx-light",
  haproxy: "haproxy",
  squid: "squid",
  curl: "curl",
  ps: "procps",
};
const updateMs = 120_000;
const installMs = 480_000;
/** Debian asks this program before a package may start its service; 101 means no. */
const policy = { path: "/usr/sbin/policy-rc.d", text: "#!/bin/sh\nexit 101\n" };

if (import.meta.main) await installMissing();

export async function installMissing(): Promise<void> {
  const missing = Object.entries(packages).filter(([name]) => findProgram(name as Program) === null)
    .map(([, name]) => name);
  if (missing.length === 0) return;
  if (!mayInstall()) return say(`not installed: ${missing.join(", ")}; their tests are ignored`);
  say(`installing ${missing.join(", ")} …`);
  const failure = await apt(["update", "-qq"], updateMs) ??
    await withoutServices(() =>
      apt(["install", "-qq", "-y", "--no-install-recommends", ...missing], installMs)
    );
  if (failure !== null) say(`could not install ${missing.join(", ")}: ${failure}`);
}

function mayInstall(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  try {
    return Deno.statSync("/usr/bin/apt-get").isFile;
  } catch {
    return false;
  }
}

/** No package starts its service meanwhile: under systemd the run level alone does not keep it. */
async function withoutServices<T>(run: () => Promise<T>): Promise<T> {
  const { path, text } = policy;
  try {
    Deno.writeTextFileSync(path, text, { createNew: true, mode: 0o755 });
  } catch {
    // The machine has a policy of its own, or takes none.
    return await run();
  }
  try {
    return await run();
  } finally {
    Deno.removeSync(path);
  }
}

/** null, or why it failed. */
async function apt(args: readonly string[], withinMs: number): Promise<string | null> {
  const { success, stderr, signal } = await new Deno.Command("apt-get", {
    args: [...args],
    // The run level keeps a package from starting its service.
    env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    stdin: "null",
    stdout: "null",
    signal: AbortSignal.timeout(withinMs),
  }).output();
  if (success) return null;
  if (signal !== null) return `apt-get ${args[0]} took longer than ${withinMs / 1_000} s`;
  return new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
}

function say(line: string): void {
  // deno-lint-ignore no-console -- a tool for the command line
  console.error(line);
}
