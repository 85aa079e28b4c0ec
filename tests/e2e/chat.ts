/// <reference lib="dom" />
/** The chat's page, as its tests use and see it. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { apiKey, type TestServer } from "../support/server.ts";

export const phone = { viewport: { width: 390, height: 844 }, mobile: true };
export const chatUrl = ({ url }: TestServer, as: string, rest = "") =>
  `${url}/chat/support?lang=en&as=${as}${rest}`;

export async function post(server: TestServer, author: string, text: string): Promise<void> {
  const response = await fetch(`${server.url}/store/chat/support/messages`, {
    method: "POST",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify({ author, text }),
  });
  assert.equal(response.status, 201, await response.text());
}

export async function stored(server: TestServer): Promise<string[]> {
  const response = await fetch(`${server.url}/store/chat/support/messages?limit=1000`, {
    headers: { "x-api-key": apiKey },
  });
  const { messages } = await response.json();
  return messages.map(({ text }: { text: string }) => text).toReversed();
}

export async function write(page: Page, text: string): Promise<void> {
  await page.fill("#message", text);
  await page.press("#message", "Enter");
}

export const online = (page: Page) => page.waitForSelector('.badge[data-state="online"]');
export const shows = (page: Page, selector: string, text: string) =>
  page.waitForFunction(
    ([selector, text]) =>
      [...document.querySelectorAll(selector ?? "")].some((one) =>
        // Without the marks that isolate names.
        one.textContent?.replace(/[\u2068\u2069]/g, "").includes(text ?? "")
      ),
    [selector, text],
  );
/** The message with this text has come so far. */
export const delivery = (page: Page, text: string, state: string) =>
  page.waitForFunction(
    ([text, state]) =>
      [...document.querySelectorAll(`[data-delivery="${state}"] .text`)]
        .some((one) => one.textContent === text),
    [text, state],
  );
export const textsOf = (page: Page) =>
  page.$$eval(".message .text", (all) => all.map((one) => one.textContent));
