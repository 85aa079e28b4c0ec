/** The map's style sheet: Leaflet's own and ours after it. */
import leaflet from "leaflet.css" with { type: "text" };

const own = new URL("../static/map.css", import.meta.url);

/** Without what needs images or old browsers: the map uses none of it. */
export async function mapStyle(): Promise<Uint8Array<ArrayBuffer>> {
  const plain = leaflet.replaceAll(/[^{};]*(url\(|progid:|behavior:)[^;}]*;/g, "");
  return new TextEncoder().encode(`${plain}\n${await Deno.readTextFile(own)}`);
}
