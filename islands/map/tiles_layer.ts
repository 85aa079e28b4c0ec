/// <reference lib="dom" />
/** Tiles of a server. Leaflet's own layer of them loads an image that the pages' policy forbids. */
import { Browser, type Coords, type DoneCallback, GridLayer } from "./leaflet.ts";

export class TilesLayer extends GridLayer {
  readonly #template: string;

  constructor(template: string) {
    super({ maxZoom: 19 });
    this.#template = template;
  }

  override createTile({ x, y, z }: Coords, done: DoneCallback): HTMLElement {
    const values = { "{x}": x, "{y}": y, "{z}": z, "{r}": Browser.retina ? "@2x" : "" };
    let address = this.#template;
    for (const [name, value] of Object.entries(values)) {
      address = address.replaceAll(name, `${value}`);
    }
    const image = document.createElement("img");
    image.alt = "";
    // Tile servers tell by it who asks; pages send none otherwise.
    image.referrerPolicy = "strict-origin";
    image.addEventListener("load", () => done(undefined, image));
    image.addEventListener("error", () => done(new Error(`no tile ${z}/${x}/${y}`), image));
    image.src = address;
    return image;
  }
}
