/// <reference lib="dom" />
/** What the map uses of Leaflet, with its types. */
// @ts-types="@types/leaflet"
import * as leaflet from "leaflet";

// @ts-types="@types/leaflet"
export type {
  Coords,
  DoneCallback,
  LatLngBounds,
  LeafletMouseEvent,
  Map as LeafletMap,
  Point as PixelPoint,
  Polyline,
  Popup,
  ZoomAnimEvent,
} from "leaflet";
export const {
  Browser,
  canvas,
  Control,
  control,
  DomEvent,
  DomUtil,
  GridLayer,
  latLng,
  latLngBounds,
  Layer,
  map: createMap,
  point,
  polyline,
  popup: createPopup,
} = leaflet;
