/**
 * Readers of many channels: opens sockets one after the other, gives each its channels, counts what
 * they receive, and speaks as wsload does: READY, then a line of JSON.
 *
 *     many_channels.ts URL SOCKETS SECONDS [GROUP_SIZE CHANNELS_EACH]
 *
 * With the last two, the sockets of a group subscribe to the same `bench:<number>` channels by the
 * client protocol; without, whatever arrives counts.
 */
const [url = "", ...rest] = Deno.args;
const [count = 0, seconds = 0, groupSize = 1, channelsEach = 0] = rest.map(Number);
const lateness: number[] = [];
let closed = 0;

for (let i = 0; i < count; i++) await open(Math.floor(i / groupSize));
say("READY");
setTimeout(report, seconds * 1_000);

/** Resolves when it is open and has all its channels. */
function open(group: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = new WebSocket(url);
  let replies = 0;
  socket.onopen = () => {
    if (channelsEach === 0) return resolve();
    socket.send(`{"id":1,"connect":{}}\n${subscriptions(group)}`);
  };
  socket.onmessage = ({ data }) => {
    for (const line of String(data).split("\n")) {
      if (line === "{}") socket.send("{}");
      else if (line.startsWith('{"id":')) {
        // The reply to connect, then one for each channel.
        if (++replies === channelsEach + 1) resolve();
      } else receive(line);
    }
  };
  socket.onclose = ({ code, reason }) => {
    // deno-lint-ignore no-console -- a tool for the command line
    if (closed++ === 0) console.error(`closed with ${code} ${reason}`);
  };
  return promise;
}

function subscriptions(group: number): string {
  return Array.from({ length: channelsEach }, (_, i) => {
    const channel = `bench:${group * channelsEach + i}`;
    return JSON.stringify({ id: i + 2, subscribe: { channel } });
  }).join("\n");
}

function receive(message: string): void {
  const marker = message.indexOf('"t":');
  if (marker >= 0) lateness.push(Date.now() - parseFloat(message.slice(marker + 4)) * 1_000);
}

function report(): void {
  lateness.sort((a, b) => a - b);
  const at = (share: number) => lateness[Math.floor((lateness.length - 1) * share)] ?? 0;
  say(JSON.stringify({
    messages: lateness.length,
    perSecond: lateness.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    closed,
  }));
  Deno.exit(0);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
