/** What the page of a state channel says, in each of the pages' languages. */
import type { Translated } from "../language.ts";

export interface LiveTexts {
  readonly tagline: string;
  readonly stale: string;
  readonly staleHow: (error: string) => string;
  readonly entries: (count: string, isOne: boolean) => string;
  readonly noChange: string;
  readonly lastChange: string;
  readonly key: string;
  readonly value: string;
  readonly rest: string;
  readonly table: (channel: string) => string;
  readonly empty: string;
  readonly filter: string;
  readonly noMatch: string;
  readonly capped: (shown: string, all: string) => string;
  readonly more: string;
}

const en: LiveTexts = {
  tagline: "A state channel, as it changes",
  stale: "Stale",
  staleHow: (error) => `The endpoint fails (${error}); its last good state is shown.`,
  entries: (count, isOne) => isOne ? "1 entry" : `${count} entries`,
  noChange: "no change yet",
  lastChange: "last change",
  key: "Key",
  value: "Value",
  rest: "Other fields",
  table: (channel) => `What ${channel} holds`,
  empty: "Nothing is there yet. What comes appears here by itself.",
  filter: "Filter",
  noMatch: "No entry has that in it.",
  capped: (shown, all) => `The first ${shown} of ${all} are shown.`,
  more: "Show more",
};

const vi: LiveTexts = {
  tagline: "Một kênh trạng thái, ngay khi có thay đổi",
  stale: "Dữ liệu cũ",
  staleHow: (error) => `Nguồn dữ liệu đang lỗi (${error}); đang hiển thị dữ liệu đúng gần nhất.`,
  entries: (count) => `${count} mục`,
  noChange: "chưa có thay đổi",
  lastChange: "thay đổi gần nhất",
  key: "Khóa",
  value: "Giá trị",
  rest: "Trường khác",
  table: (channel) => `Nội dung của ${channel}`,
  empty: "Chưa có gì. Dữ liệu mới sẽ tự hiện ra ở đây.",
  filter: "Lọc",
  noMatch: "Không có mục nào khớp.",
  capped: (shown, all) => `Đang hiển thị ${shown} mục đầu trong ${all} mục.`,
  more: "Xem thêm",
};

export const liveTexts: Translated<LiveTexts> = { en, vi };
