/** A TCP connection whose bytes are counted, read by lines and lengths. */
import type { Tally } from "./tally.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const carriageReturn = 13;

/** The other side has closed. */
export class Closed extends Error {
  override readonly name = "Closed";
}

export class Connection {
  readonly #tcp: Deno.TcpConn;
  readonly #tally: Tally;
  #bytes = new Uint8Array(128 * 1024);
  #start = 0;
  #end = 0;

  private constructor(tcp: Deno.TcpConn, tally: Tally) {
    this.#tcp = tcp;
    this.#tally = tally;
  }

  static async open(port: number, tally: Tally): Promise<Connection> {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    tcp.setNoDelay(true);
    return new Connection(tcp, tally);
  }

  async write(data: string | Uint8Array): Promise<void> {
    let rest = typeof data === "string" ? encoder.encode(data) : data;
    this.#tally.bytesUp += rest.byteLength;
    while (rest.byteLength > 0) rest = rest.subarray(await this.#tcp.write(rest));
  }

  /** Up to the next CR LF, without it. @throws Closed */
  async line(): Promise<string> {
    for (let from = this.#start;;) {
      const at = this.#bytes.subarray(0, this.#end).indexOf(carriageReturn, from);
      if (at >= 0 && at + 1 < this.#end) {
        const text = decoder.decode(this.#bytes.subarray(this.#start, at));
        this.#start = at + 2;
        return text;
      }
      const searched = (at < 0 ? this.#end : at) - this.#start;
      await this.#fill();
      from = this.#start + searched;
    }
  }

  /** Exactly so many bytes, which hold until the next call. @throws Closed */
  async take(length: number): Promise<Uint8Array> {
    while (this.#end - this.#start < length) await this.#fill();
    const taken = this.#bytes.subarray(this.#start, this.#start + length);
    this.#start += length;
    return taken;
  }

  close(): void {
    this.#tcp.close();
  }

  async #fill(): Promise<void> {
    if (this.#start > 0) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    if (this.#end === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    const length = await this.#tcp.read(this.#bytes.subarray(this.#end)).catch(() => null);
    if (length === null) throw new Closed("the other side has closed");
    this.#end += length;
    this.#tally.bytesDown += length;
  }
}
