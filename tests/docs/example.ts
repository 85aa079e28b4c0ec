/** The programs of docs/examples, as they stand there but for the addresses in them. */
import { within } from "../support/clients/eventually.ts";

const root = new URL("../../", import.meta.url).pathname;

export interface Places {
  /** Of the server; in the examples 8000. */
  readonly server?: number;
  /** Of the back end; in the examples 3000. */
  readonly backEnd?: number;
}

/** The text of an example with other ports. */
export async function exampleText(name: string, places: Places = {}): Promise<string> {
  const text = await Deno.readTextFile(`${root}docs/examples/${name}`);
  return text
    .replaceAll("127.0.0.1:8000", `127.0.0.1:${places.server}`)
    .replaceAll("127.0.0.1:3000", `127.0.0.1:${places.backEnd}`)
    .replaceAll("port: 3000", `port: ${places.backEnd}`);
}

/** A folder with all examples in it; disposing removes it. */
export async function exampleFolder(places: Places) {
  const folder = await Deno.makeTempDir({ prefix: "nhip-examples-" });
  for await (const { name } of Deno.readDir(`${root}docs/examples`)) {
    await Deno.writeTextFile(`${folder}/${name}`, await exampleText(name, places));
  }
  return {
    path: folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

export interface Running extends AsyncDisposable {
  /** What it printed so far. */
  output(): string;
  /** The next of its lines that is one of those wanted; those before it are passed over. */
  until(wanted: (line: string) => boolean): Promise<string>;
  kill(): Promise<void>;
}

/** An example as a program, with what its first comment permits it. */
export async function run(
  folder: string,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const text = await Deno.readTextFile(`${folder}/${name}`);
  const flags = /deno run ((?:--\S+ )+)/.exec(text)?.[1]?.trim().split(" ") ?? [];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--config", `${root}deno.json`, ...flags, `${folder}/${name}`],
    cwd: folder,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return new Program(child, name);
}

class Program implements Running {
  readonly #child: Deno.ChildProcess;
  readonly #name: string;
  readonly #reading: Promise<unknown>;
  readonly #lines: string[] = [];
  #text = "";
  #news = Promise.withResolvers<void>();
  #ended = false;

  constructor(child: Deno.ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    this.#reading = Promise.all([this.#read(child.stdout, true), this.#read(child.stderr, false)])
      .then(() => {
        this.#ended = true;
        this.#news.resolve();
      });
  }

  output(): string {
    return this.#text;
  }

  async until(wanted: (line: string) => boolean): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined && wanted(line)) return line;
      if (line !== undefined) continue;
      if (this.#ended) throw new Error(`${this.#name} has ended:\n${this.#text}`);
      const news = this.#news.promise;
      await within(news, `a line of ${this.#name}'s, which printed:\n${this.#text}`);
    }
  }

  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>, hasLines: boolean): Promise<void> {
    let rest = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += chunk;
      if (!hasLines) continue;
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    }
  }
}
