/** What the map says, in each of the pages' languages. */
import type { Translated } from "../language.ts";

export interface MapTexts {
  readonly heading: string;
  /** Until it is there, and where no script runs. */
  readonly note: string;
  readonly failed: string;
  readonly again: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly seeAll: string;
  readonly follow: string;
  readonly close: string;
  readonly route: string;
  /** How to use it without a pointer. */
  readonly keys: string;
  readonly seconds: (count: number) => string;
  readonly minutes: (count: number) => string;
  /** Of a vehicle that has gone silent; `age` is one of the two above. */
  readonly silent: (age: string) => string;
}

const en: MapTexts = {
  heading: "Map",
  note: "The map appears here once it has loaded. The list of vehicles says the same in words.",
  failed: "The map could not be loaded. The list of vehicles says the same in words.",
  again: "Try again",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  seeAll: "See all",
  follow: "Follow",
  close: "Close",
  route: "Route",
  keys: "Map of the vehicles. Arrow keys move it, plus and minus zoom.",
  seconds: (count) => `${count} s ago`,
  minutes: (count) => `${count} min ago`,
  silent: (age) => `No news: last seen ${age}`,
};

const vi: MapTexts = {
  heading: "Bản đồ",
  note: "Bản đồ sẽ hiện ở đây khi tải xong. Danh sách xe có cùng thông tin bằng chữ.",
  failed: "Không tải được bản đồ. Danh sách xe có cùng thông tin bằng chữ.",
  again: "Thử lại",
  zoomIn: "Phóng to",
  zoomOut: "Thu nhỏ",
  seeAll: "Xem tất cả",
  follow: "Theo dõi",
  close: "Đóng",
  route: "Tuyến",
  keys: "Bản đồ các xe. Phím mũi tên để di chuyển, dấu cộng và trừ để phóng to, thu nhỏ.",
  seconds: (count) => `${count} giây trước`,
  minutes: (count) => `${count} phút trước`,
  silent: (age) => `Mất tín hiệu: thấy lần cuối ${age}`,
};

export const mapTexts: Translated<MapTexts> = { en, vi };

/** @param ms not below 0 */
export function ago(texts: MapTexts, ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? texts.seconds(seconds) : texts.minutes(Math.floor(seconds / 60));
}
