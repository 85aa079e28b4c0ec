/** What the page of a state channel says, in each of the pages' languages. */
import type { Language } from "../texts.ts";

export interface LiveTexts {
  readonly tagline: string;
  readonly skip: string;
  readonly connection: string;
  readonly connecting: string;
  readonly reconnecting: string;
  readonly live: string;
  readonly stale: string;
  readonly closed: string;
  readonly offline: string;
  readonly asOf: (time: string) => string;
  readonly staleHow: (error: string) => string;
  readonly entries: (count: string, isOne: boolean) => string;
  readonly noChange: string;
  readonly lastChange: string;
  readonly key: string;
  readonly value: string;
  readonly rest: string;
  readonly table: (channel: string) => string;
  readonly loading: string;
  readonly empty: string;
  readonly capped: (shown: string) => string;
  readonly needsScript: string;
}

const en: LiveTexts = {
  tagline: "A state channel, as it changes",
  skip: "Skip to content",
  connection: "Connection",
  connecting: "Connecting",
  reconnecting: "Reconnecting",
  live: "Live",
  stale: "Stale",
  closed: "Disconnected",
  offline: "No network",
  asOf: (time) => `as of ${time}`,
  staleHow: (error) => `The endpoint fails (${error}); its last good state is shown.`,
  entries: (count, isOne) => isOne ? "1 entry" : `${count} entries`,
  noChange: "no change yet",
  lastChange: "last change",
  key: "Key",
  value: "Value",
  rest: "Other fields",
  table: (channel) => `What ${channel} holds`,
  loading: "Loading…",
  empty: "Nothing is there yet. What comes appears here by itself.",
  capped: (shown) => `The first ${shown} are shown.`,
  needsScript: "This page needs JavaScript to show what happens live.",
};

const vi: LiveTexts = {
  tagline: "Một kênh trạng thái, ngay khi có thay đổi",
  skip: "Đến nội dung chính",
  connection: "Kết nối",
  connecting: "Đang kết nối",
  reconnecting: "Đang kết nối lại",
  live: "Trực tiếp",
  stale: "Dữ liệu cũ",
  closed: "Đã ngắt kết nối",
  offline: "Không có mạng",
  asOf: (time) => `dữ liệu lúc ${time}`,
  staleHow: (error) => `Nguồn dữ liệu đang lỗi (${error}); đang hiển thị dữ liệu đúng gần nhất.`,
  entries: (count) => `${count} mục`,
  noChange: "chưa có thay đổi",
  lastChange: "thay đổi gần nhất",
  key: "Khóa",
  value: "Giá trị",
  rest: "Trường khác",
  table: (channel) => `Nội dung của ${channel}`,
  loading: "Đang tải…",
  empty: "Chưa có gì. Dữ liệu mới sẽ tự hiện ra ở đây.",
  capped: (shown) => `Chỉ hiển thị ${shown} mục đầu.`,
  needsScript: "Trang cần JavaScript để hiển thị thay đổi trực tiếp.",
};

export const liveTexts: Readonly<Record<Language, LiveTexts>> = { en, vi };
