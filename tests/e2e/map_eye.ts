/// <reference lib="dom" />
/** Looks at what the map's canvas shows, for it has no elements to be asked. */
import type { Page } from "playwright-core";

export interface Markers {
  /** Pixels that are drawn on. */
  readonly count: number;
  /** Their middle, in CSS pixels from the canvas's corner. */
  readonly x: number;
  readonly y: number;
  /** The one drawn last in reading order; null: there is none. */
  readonly last: { readonly x: number; readonly y: number } | null;
  /** The colour of most of them. */
  readonly colour: string;
}

declare const globalThis: { seeMarkers(): Markers };

async function giveEyes(page: Page): Promise<void> {
  await page.evaluate(() => {
    globalThis.seeMarkers = () => {
      const canvas = document.querySelector<HTMLCanvasElement>(".map-vehicles");
      const context = canvas?.getContext("2d");
      if (!canvas || !context) return { count: 0, x: 0, y: 0, last: null, colour: "" };
      const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height);
      let [count, x, y] = [0, 0, 0];
      let last = null;
      const colours = new Map<string, number>();
      for (let i = 0; i < data.length; i += 4) {
        if ((data[i + 3] ?? 0) < 128) continue;
        const [column, row] = [i / 4 % width, Math.floor(i / 4 / width)];
        count += 1;
        x += column;
        y += row;
        last = { x: column, y: row };
        const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
        colours.set(colour, (colours.get(colour) ?? 0) + 1);
      }
      const [[colour] = [""]] = [...colours].sort((a, b) => b[1] - a[1]);
      return { count, x: x / count, y: y / count, last, colour };
    };
  });
}

/** What is to be seen as soon as it is what one waits for. */
export async function watchMarkers(
  page: Page,
  wanted: (markers: Markers) => boolean,
): Promise<Markers> {
  await giveEyes(page);
  for (const until = Date.now() + 10_000; Date.now() < until;) {
    const markers = await page.evaluate(() => globalThis.seeMarkers());
    if (wanted(markers)) return markers;
    // The next frame may show it.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  throw new Error(`not seen: ${wanted}`);
}

export interface Motion {
  /** Resolves when the markers have stood still for a while after they moved far enough. */
  done(): Promise<{ readonly places: number; readonly end: Markers }>;
}

/** Watches every frame from now on. @param far in pixels, eastwards */
export async function watchMotion(page: Page, from: Markers, far: number): Promise<Motion> {
  await giveEyes(page);
  const watching = await page.evaluateHandle(({ x, far }) => {
    const seen = new Set<number>();
    let stillFor = 0;
    let before = x;
    const done = new Promise<{ places: number; end: Markers }>((resolve) => {
      const look = () => {
        const now = globalThis.seeMarkers();
        stillFor = now.x === before ? stillFor + 1 : 0;
        before = now.x;
        seen.add(Math.round(now.x));
        if (now.x - x > far && stillFor > 30) resolve({ places: seen.size, end: now });
        else requestAnimationFrame(look);
      };
      look();
    });
    // In an object: a promise alone would be waited for here.
    return { done };
  }, { x: from.x, far });
  return { done: () => watching.evaluate(({ done }) => done) };
}
