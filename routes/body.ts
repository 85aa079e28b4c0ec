/** Reading request bodies within a limit of size and of time. */
import type { MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";

export interface BodyLimits {
  readonly maxBytes: number;
  /** From the request's start to its last byte. */
  readonly maxMs?: number;
}

/** Reads the body before the handlers, which find it in Hono's cache. 413 and 408 otherwise. */
export function boundedBody({ maxBytes, maxMs = 10_000 }: BodyLimits): MiddlewareHandler {
  return async (c, next) => {
    const text = await readText(c.req.raw, maxBytes, maxMs);
    // Hono keeps promises in there, whatever the declared type says.
    Object.assign(c.req.bodyCache, { text: Promise.resolve(text) });
    await next();
  };
}

async function readText(request: Request, maxBytes: number, maxMs: number): Promise<string> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > maxBytes) throw tooLarge(maxBytes);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HTTPException(408, { message: `the body did not arrive within ${maxMs} ms` }));
    }, maxMs);
  });
  // With a length, the platform reads no further than that.
  const text = declared === null ? readChunks(request, maxBytes) : request.text();
  // Abandoned when late: its failure then is nobody's.
  text.catch(() => {});
  try {
    return await Promise.race([text, late]);
  } catch (error) {
    if (error instanceof HTTPException) throw error;
    // The client has gone: no fault of ours.
    throw new HTTPException(400, { message: "the body ended early", cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function readChunks(request: Request, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(maxBytes: number): HTTPException {
  return new HTTPException(413, { message: `the body is larger than ${maxBytes} bytes` });
}
