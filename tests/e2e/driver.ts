/// <reference lib="dom" />
/** The driver's page, as its tests use and see it, and a way that was really driven. */
import assert from "node:assert/strict";
import type { BrowserContext, Page, Request } from "playwright-core";
import { parseRecording } from "../../tools/replay/recording.ts";
import { within } from "../support/clients/eventually.ts";
import { apiKey, type TestServer } from "../support/server.ts";

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** The way of one of the recorded buses. */
export async function busTrack(id: string): Promise<Place[]> {
  const file = new URL("../../tools/replay/demo/vehicles.csv", import.meta.url);
  const recording = parseRecording(await Deno.readTextFile(file));
  assert.equal(recording.kind, "vehicles");
  if (recording.kind !== "vehicles") return [];
  const way = recording.positions.filter((one) => one.id === id);
  return way.map(({ lat, lon }) => ({ lat, lon }));
}

export const driverUrl = ({ url }: TestServer, vehicle: string, language = "en") =>
  `${url}/driver?lang=${language}&vehicle=${vehicle}`;
const waitMs = { timeout: 20_000 };
export const inState = (page: Page, name: string) =>
  page.waitForSelector(`.driver[data-sharing="${name}"]`, waitMs);
export const press = (page: Page) => page.click(".driver-switch button:enabled");
export const reads = (page: Page, name: string, value: string) =>
  page.waitForFunction(
    ([name, value]) => document.querySelector(`[data-reading="${name}"] dd`)?.textContent === value,
    [name, value],
    waitMs,
  );
export const said = (page: Page, selector: string, text: string) =>
  page.waitForFunction(
    ([selector, text]) => document.querySelector(selector)?.textContent?.includes(text),
    [selector, text] as const,
    waitMs,
  );

/** So many positions wait, or more where it stood meanwhile. */
export const wait = (page: Page, count: number) =>
  page.waitForFunction(
    (count) => Number(document.querySelector('[data-reading="waiting"] dd')?.textContent) >= count,
    count,
    waitMs,
  );

export function moveTo(context: BrowserContext, { lat, lon }: Place): Promise<void> {
  return context.setGeolocation({ latitude: lat, longitude: lon, accuracy: 6 });
}

/** Where the list of `/` says the vehicle is. */
export const listed = (page: Page, vehicle: string, { lat, lon }: Place) =>
  page.waitForFunction(
    ([vehicle, where]) =>
      document.querySelector(`[data-vehicle="${vehicle}"] .detail`)?.textContent?.endsWith(where),
    [vehicle, `${lat.toFixed(4)}, ${lon.toFixed(4)}`] as const,
    waitMs,
  );

/** The list of `/` has it no more. */
export const unlisted = (page: Page, vehicle: string) =>
  page.waitForSelector(`[data-vehicle="${vehicle}"]`, { state: "detached", ...waitMs });

interface Sent extends Place {
  readonly time: number;
}

/** What the server has taken from this page, in the order in which it did. */
export class Taken {
  readonly positions: Sent[] = [];
  requests = 0;
  readonly #waiting = new Set<() => void>();

  constructor(page: Page) {
    page.on("response", (response) => {
      if (!isReport(response.request()) || !response.ok()) return;
      this.requests++;
      this.positions.push(...sentIn(response.request()));
      for (const look of [...this.#waiting]) look();
    });
  }

  /** Resolves when this place is the last one taken. */
  async last({ lat, lon }: Place): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (isSame({ lat, lon }, this.positions.at(-1))) resolve();
    };
    this.#waiting.add(look);
    look();
    await within(promise, () => `${lat}, ${lon} after ${JSON.stringify(this.positions)}`);
    this.#waiting.delete(look);
  }

  /** The places from that one on: where it stood and was reported again, once. */
  placesFrom(index: number): Place[] {
    const places = this.positions.slice(index).map(({ lat, lon }) => ({ lat, lon }));
    return places.filter((one, i) => i === 0 || !isSame(one, places[i - 1]));
  }
}

function isSame(one: Place, other: Place | undefined): boolean {
  return one.lat === other?.lat && one.lon === other.lon;
}

export function isReport(request: Request): boolean {
  return request.method() === "POST" && request.url().endsWith("/positions");
}

export function sentIn(request: Request): Sent[] {
  return request.postDataJSON().positions;
}

/** The shop's vehicle. */
export async function known({ url }: TestServer, id: string): Promise<Sent & { at: number }> {
  const response = await fetch(`${url}/store/vehicles`, { headers: { "x-api-key": apiKey } });
  const { vehicles } = await response.json();
  return vehicles.find((one: { id: string }) => one.id === id);
}

export async function put({ url }: TestServer, id: string, where: Place): Promise<void> {
  const response = await fetch(`${url}/store/vehicles/${id}/position`, {
    method: "PUT",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify(where),
  });
  assert.equal(response.status, 200, await response.text());
}
