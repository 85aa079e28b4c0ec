/// <reference lib="dom" />
/** Loads the map's script and style sheet: heavy, and so only when a map comes into view. */
import type { MapAssets } from "./assets.ts";

/** What the script exports. */
export type MapModule = typeof import("./mod.ts");

/** @throws Error where one of them cannot be had; one may try again */
export async function loadMap({ script, style }: MapAssets): Promise<MapModule> {
  const [module] = await Promise.all([import(script), loadStyle(style)]);
  return module;
}

let styled: Promise<void> | undefined;

/** Once for a page. */
function loadStyle(address: string): Promise<void> {
  styled ??= new Promise<void>((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      link.remove();
      styled = undefined;
      reject(new Error(`cannot load ${address}`));
    });
    document.head.append(link);
  });
  return styled;
}
