import type { MapAssets } from "../../islands/map/assets.ts";
import type { Config } from "../../lib/config.ts";
import type { Assets } from "./assets.ts";

/** What a page with a map puts into its state. */
export function mapAssets(assets: Assets, { mapTiles }: Pick<Config, "mapTiles">): MapAssets {
  return {
    script: assets.address("map.js"),
    style: assets.address("map.css"),
    base: assets.address("map_base.json"),
    tiles: mapTiles === null ? null : { template: mapTiles.template, credit: mapTiles.credit },
  };
}
