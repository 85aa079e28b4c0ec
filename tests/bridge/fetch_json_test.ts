/** Every way in which a server may fail the bridge, on real connections. */
import assert from "node:assert/strict";
import { systemClock } from "../../lib/clock.ts";
import { fetchBounded, type FetchRequest, parseJson } from "../../lib/bridge/fetch_json.ts";
import { PollError, type PollErrorKind } from "../../lib/bridge/poll_error.ts";
import { within } from "../support/clients/eventually.ts";
import { json, serving } from "./support.ts";

const fetching = { clock: systemClock, fetch };
const never = new AbortController().signal;

function get(url: string, options: Partial<FetchRequest> = {}, signal = never) {
  const limits = { timeoutMs: 10_000, maxBytes: 1024 * 1024 };
  return fetchBounded(
    { url, headers: [], validators: null, ...limits, ...options },
    signal,
    fetching,
  );
}

async function fails(doing: Promise<unknown>, kind: PollErrorKind, message: RegExp): Promise<void> {
  const error = await within(doing, "a failure").then(() => null, (error) => error);
  assert.ok(error instanceof PollError, String(error));
  assert.equal(error.kind, kind, error.message);
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /s3cret/);
}

Deno.test("fetch: a body, its validators, and 304 to them", async () => {
  const modified = "Mon, 01 Jun 2026 00:00:00 GMT";
  const seen: (string | null)[][] = [];
  const handler = ({ headers }: Request) => {
    seen.push(["accept", "x-key", "if-none-match", "if-modified-since"].map((n) => headers.get(n)));
    if (headers.has("if-none-match")) return new Response(null, { status: 304 });
    return json([1], { etag: '"e"', "last-modified": modified });
  };
  await serving(handler, async (url) => {
    const headers = [["x-key", "s3cret"]] as const;
    const answer = await get(url, { headers });
    assert.ok(answer.name === "body");
    assert.deepEqual(parseJson(answer, []), [1]);
    const { validators } = answer;
    assert.deepEqual(validators, { etag: '"e"', lastModified: modified });
    assert.deepEqual(await get(url, { validators }), { name: "not_modified" });
  });
  assert.deepEqual(seen, [
    ["application/json", "s3cret", null, null],
    ["application/json", null, '"e"', modified],
  ]);
});

Deno.test("fetch: 304 with no earlier state", async () => {
  await serving(() => new Response(null, { status: 304 }), async (url) => {
    await fails(get(url), "unasked_304", /^answered 304 although no earlier answer was named$/);
  });
});

for (const status of [201, 204, 302, 401, 403, 404, 429, 500, 503]) {
  Deno.test(`fetch: ${status}`, async () => {
    const body = status === 204 ? null : "x".repeat(100_000);
    await serving(() => new Response(body, { status }), async (url) => {
      await fails(get(url), "status", new RegExp(`^answered ${status}$`));
    });
  });
}

Deno.test("fetch: redirects on the same host are followed, with the headers", async () => {
  const paths: string[] = [];
  const handler = ({ url, headers }: Request) => {
    const { pathname } = new URL(url);
    paths.push(`${pathname} ${headers.get("authorization")}`);
    const hops = Number(pathname.slice(1));
    if (hops === 0) return json([]);
    return new Response("moved", { status: 307, headers: { location: `${hops - 1}` } });
  };
  await serving(handler, async (url) => {
    const headers = [["authorization", "t"]] as const;
    assert.equal((await get(`${url}/5`, { headers })).name, "body");
    assert.deepEqual(paths, ["/5 t", "/4 t", "/3 t", "/2 t", "/1 t", "/0 t"]);
    await fails(get(`${url}/6`), "redirect", /^redirected more than 5 times$/);
  });
});

Deno.test("fetch: endless redirects", async () => {
  const handler = () => new Response("again", { status: 302, headers: { location: "/" } });
  await serving(handler, async (url) => {
    await fails(get(url), "redirect", /^redirected more than 5 times$/);
  });
});

const elsewhere: [string, (url: string) => string, RegExp][] = [
  ["another host", () => "http://inside.example/s3cret", /to http:\/\/inside\.example, which is/],
  ["another port", () => "http://127.0.0.1:9/s3cret?a=s3cret", /to http:\/\/127\.0\.0\.1:9, which/],
  ["https", (url) => url.replace("http:", "https:"), /to https:\/\/127\.0\.0\.1:\d+, which/],
  ["a file", () => "file:///etc/passwd", /to file:, which is another host/],
  ["a name and a password", (url) => url.replace("//", "//me:s3cret@"), /which is another host/],
  ["no URL", () => "http://[s3cret", /to what is not a URL/],
];
for (const [what, location, message] of elsewhere) {
  Deno.test(`fetch: a redirect to ${what} is refused`, async () => {
    let requests = 0;
    const handler = ({ url }: Request) => {
      requests++;
      return new Response("go", { status: 301, headers: { location: location(url) } });
    };
    await serving(handler, async (url) => {
      await fails(get(`${url}/from?token=s3cret`), "redirect", message);
    });
    assert.equal(requests, 1);
  });
}

/** A body that goes on until it is cancelled. */
function endless(chunk: Uint8Array, sent: { bytes: number; cancelled: () => void }) {
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      sent.bytes += chunk.byteLength;
      controller.enqueue(chunk);
    },
    cancel: () => sent.cancelled(),
  });
}

Deno.test("fetch: an answer of 100 MB is cut off early", async () => {
  const cut = Promise.withResolvers<void>();
  const sent = { bytes: 0, cancelled: cut.resolve };
  const handler = () => new Response(endless(new Uint8Array(64 * 1024), sent));
  await serving(handler, async (url) => {
    await fails(get(url), "too_large", /^the answer is larger than 1048576 bytes$/);
    await within(cut.promise, "the server's cancel");
  });
  assert.ok(sent.bytes < 20 * 1024 * 1024, `${sent.bytes} bytes were sent`);
});

Deno.test("fetch: what counts is the size after decompression", async () => {
  const zeros = new Blob([new Uint8Array(32 * 1024 * 1024)]).stream();
  const zipped = await new Response(zeros.pipeThrough(new CompressionStream("gzip"))).bytes();
  assert.ok(zipped.byteLength < 100_000);
  const handler = () => new Response(zipped, { headers: { "content-encoding": "gzip" } });
  await serving(handler, async (url) => {
    await fails(get(url), "too_large", /larger than 1048576 bytes/);
  });
});

Deno.test("fetch: a body as large as it may be", async () => {
  const text = JSON.stringify("x".repeat(98));
  await serving(() => new Response(text), async (url) => {
    assert.equal((await get(url, { maxBytes: 100 })).name, "body");
    await fails(get(url, { maxBytes: 99 }), "too_large", /larger than 99 bytes/);
  });
});

Deno.test("fetch: a server that never answers", async () => {
  const open = Promise.withResolvers<Response>();
  await serving(() => open.promise, async (url) => {
    await fails(get(url, { timeoutMs: 50 }), "timeout", /^no whole answer within 50 ms$/);
    open.resolve(new Response());
  });
});

Deno.test("fetch: a server that drips bytes", async () => {
  const cut = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const drip = () =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        timer = setInterval(() => controller.enqueue(new Uint8Array([32])), 5);
      },
      cancel() {
        clearInterval(timer);
        cut.resolve();
      },
    });
  await serving(() => new Response(drip()), async (url) => {
    await fails(get(url, { timeoutMs: 200 }), "timeout", /^no whole answer within 200 ms$/);
    await within(cut.promise, "the server's cancel");
  });
});

Deno.test("fetch: is stopped by its signal, with the signal's reason", async () => {
  const asked = Promise.withResolvers<void>();
  const open = Promise.withResolvers<Response>();
  const handler = () => {
    asked.resolve();
    return open.promise;
  };
  await serving(handler, async (url) => {
    const stop = new AbortController();
    const answer = get(url, {}, stop.signal);
    await asked.promise;
    const reason = new Error("enough");
    stop.abort(reason);
    await assert.rejects(answer, reason);
    await assert.rejects(get(url, {}, stop.signal), reason);
    open.resolve(new Response());
  });
});

Deno.test("fetch: nobody there, and the message has no URL", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await fails(
    get(`http://127.0.0.1:${port}/?k=s3cret`),
    "network",
    /^tcp connect error: Connection refused/,
  );
});

Deno.test("fetch: a connection that breaks in the body", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(1024));
    await connection.write(
      new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1,"),
    );
  };
  const served = serve();
  await fails(get(`http://127.0.0.1:${listener.addr.port}/`), "network", /body/);
  await served;
  listener.close();
});

function body(text: string | Uint8Array<ArrayBuffer>, contentType = "") {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return { name: "body" as const, bytes, contentType, validators: null };
}

const notJson: [string, Parameters<typeof body>, RegExp][] = [
  [
    "HTML",
    ["\n<!doctype html>\n <title>Sign in</title>" + "x".repeat(10_000), "text/html; charset=utf-8"],
    /^the answer \(content-type text\/html; charset=utf-8\) is not JSON: "<!doctype html> <title>Sign in<\/title>x+…"$/,
  ],
  ["nothing", [""], /^the answer \(no content-type\) is not JSON: ""$/],
  ["half of it", ['{"a":', "application/json"], /content-type application\/json\) is not JSON/],
  ["what is not UTF-8", [new Uint8Array([34, 255, 34])], /is not JSON: "".""$/],
  [
    "our secret in its beginning",
    [`<p>${" ".repeat(50)}Bad token s3cret-s3cret: ${"s3cret ".repeat(5)}`],
    /is not JSON: "<p> Bad token \*\*\*/,
  ],
];
for (const [what, args, message] of notJson) {
  Deno.test(`fetch: ${what} in place of JSON`, async () => {
    const parse = () =>
      Promise.resolve(parseJson(body(...args), ["Bearer s3cret-s3cret", "s3cret"]));
    await fails(Promise.resolve().then(parse), "not_json", message);
  });
}

Deno.test("fetch: JSON under another content type, and with a byte order mark", () => {
  assert.deepEqual(parseJson(body("\ufeff[1]", "text/plain"), []), [1]);
});
