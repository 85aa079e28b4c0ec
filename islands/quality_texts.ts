/** What the pages say of their connection's quality, in each of their languages. */
import type { Language } from "./language.ts";

export interface QualityTexts {
  /** Of a button that shows the rest. */
  readonly details: string;
  readonly transport: string;
  readonly latency: string;
  /** In milliseconds. */
  readonly lastAndMedian: (last: string, median: string) => string;
  readonly reconnects: string;
  /** Changes to another transport. */
  readonly moves: string;
  readonly received: string;
  readonly sent: string;
  readonly none: string;
}

const en: QualityTexts = {
  details: "Connection details",
  transport: "Transport",
  latency: "Latency",
  lastAndMedian: (last, median) => `last ${last} ms · median ${median} ms`,
  reconnects: "Reconnects",
  moves: "Changes of transport",
  received: "Received",
  sent: "Sent",
  none: "–",
};

const vi: QualityTexts = {
  details: "Chi tiết kết nối",
  transport: "Giao thức",
  latency: "Độ trễ",
  lastAndMedian: (last, median) => `gần nhất ${last} ms · trung vị ${median} ms`,
  reconnects: "Số lần kết nối lại",
  moves: "Số lần đổi giao thức",
  received: "Đã nhận",
  sent: "Đã gửi",
  none: "–",
};

export const qualityTexts: Readonly<Record<Language, QualityTexts>> = { en, vi };
