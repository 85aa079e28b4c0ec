/** Headless Chromium, as a process of the tool's own with a profile of its own. */
import { start } from "./children.ts";
import { DevToolsConnection } from "./devtools.ts";

export interface Chromium extends AsyncDisposable {
  readonly connection: DevToolsConnection;
  /** Such as `HeadlessChrome/120.0.1.2`. */
  readonly product: string;
}

const args = [
  "--headless=new",
  // Any port; the browser says which, in its profile.
  "--remote-debugging-port=0",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-default-browser-check",
  "--no-first-run",
  "--window-size=1280,900",
];
const startMs = 30_000;
const patienceMs = 5_000;

/**
 * @param folder for its profile; removed when it is disposed of
 * @throws Error when there is none, or it does not start
 */
export async function startChromium(folder: string): Promise<Chromium> {
  await Deno.mkdir(folder, { recursive: true });
  // It cannot make its sandbox as root.
  const sandbox = Deno.uid() === 0 ? ["--no-sandbox"] : [];
  const process = spawn([...args, ...sandbox, `--user-data-dir=${folder}`, "about:blank"]);
  let running = true;
  const ended = process.status.then(() => {
    running = false;
  });
  const dispose = async () => {
    if (running) process.kill("SIGTERM");
    const timer = setTimeout(() => running && process.kill("SIGKILL"), patienceMs);
    await ended;
    clearTimeout(timer);
    await removeAll(folder);
  };
  try {
    const address = await addressOf(folder, () => running);
    const connection = await DevToolsConnection.open(address);
    const { product } = await connection.send<{ product: string }>("Browser.getVersion");
    return { connection, product, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function spawn(args: string[]): Deno.ChildProcess {
  const path = Deno.env.get("CHROMIUM") ?? "chromium";
  try {
    return start(path, { args, stdin: "null", stdout: "null", stderr: "null" });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("Chromium is not installed: install it, or say where it is by CHROMIUM=…");
  }
}

/** Where it speaks the DevTools protocol: it writes a file with the port and the path. */
async function addressOf(folder: string, isRunning: () => boolean): Promise<string> {
  for (const until = Date.now() + startMs; Date.now() < until && isRunning();) {
    const text = await Deno.readTextFile(`${folder}/DevToolsActivePort`).catch(() => "");
    const [port = "", path] = text.split("\n");
    if (path !== undefined && path !== "") return `ws://127.0.0.1:${port}${path}`;
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error("Chromium did not start");
}

/** Its helpers may still write for a moment after it has ended. */
async function removeAll(folder: string): Promise<void> {
  for (let left = 20; left > 0; left--) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      await new Promise((again) => setTimeout(again, 100));
    }
  }
}
