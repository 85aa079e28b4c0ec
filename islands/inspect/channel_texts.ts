/** What the inspector says of one channel: what it is, its tail, and publishing to it. */
import type { ChannelRow } from "../../lib/inspect/node_report.ts";
import type { Translated } from "../language.ts";

export interface ChannelTexts {
  readonly chosen: string;
  readonly chooseOne: string;
  readonly open: string;
  readonly channelName: string;
  /** A name without a colon, in a server that has no rules for those. */
  readonly noNamespace: (channel: string) => string;
  readonly unknownNamespace: (namespace: string) => string;
  readonly kind: Readonly<Record<ChannelRow["kind"], string>>;
  readonly rules: (size: string, duration: string) => string;
  readonly kept: (count: string, isAll: boolean) => string;
  readonly keptNow: string;
  readonly notKept: string;
  readonly position: string;
  readonly tail: string;
  readonly tailOpening: string;
  readonly tailLive: string;
  readonly tailWaiting: string;
  readonly tailEmpty: string;
  readonly tailNone: string;
  readonly pause: string;
  readonly resume: string;
  readonly paused: (missed: string) => string;
  readonly removed: string;
  readonly joined: string;
  readonly left: string;
  readonly gap: string;
  readonly publish: string;
  readonly key: string;
  readonly data: string;
  readonly tags: string;
  readonly tagsHow: string;
  readonly notJson: (detail: string) => string;
  readonly notJsonAt: (line: number, column: number) => string;
  readonly notTags: string;
  readonly published: string;
  readonly publishedAt: (offset: string) => string;
}

const en: ChannelTexts = {
  chosen: "One channel",
  chooseOne: "Choose a channel from the list, or type the name of any.",
  open: "Open",
  channelName: "Name of a channel",
  noNamespace: (channel) =>
    `“${channel}” has no namespace before a colon: write namespace:name, such as orders:all.`,
  unknownNamespace: (namespace) =>
    `This server has no namespace “${namespace}”, so no channel of it. Is it spelt right?`,
  kind: { stream: "Stream", state: "State channel", shared_poll: "Shared poll" },
  rules: (size, duration) => `at most ${size}, for ${duration}`,
  kept: (count, isAll) => isAll ? count : `more than ${count}`,
  keptNow: "Kept",
  notKept: "nothing is kept",
  position: "Position",
  tail: "Live tail",
  tailOpening: "Opening…",
  tailLive: "Live",
  tailWaiting: "Connection lost, trying again…",
  tailEmpty: "What is published from now on appears here.",
  tailNone: "Nothing is published in a channel of shared polls.",
  pause: "Pause",
  resume: "Go on",
  paused: (missed) => `Paused, ${missed} new`,
  removed: "removed",
  joined: "joined",
  left: "left",
  gap: "The connection was lost: something may be missing here.",
  publish: "Publish",
  key: "Key",
  data: "Data (JSON)",
  tags: "Tags (optional)",
  tagsHow: "name=value, …",
  notJson: (detail) => `The data is not JSON: ${detail}`,
  notJsonAt: (line, column) => `The data is not JSON: line ${line}, column ${column}.`,
  notTags: "Tags are written name=value, with commas between them.",
  published: "Published.",
  publishedAt: (offset) => `Published, at offset ${offset}.`,
};

const vi: ChannelTexts = {
  chosen: "Một kênh",
  chooseOne: "Chọn một kênh trong danh sách, hoặc nhập tên kênh bất kỳ.",
  open: "Mở",
  channelName: "Tên kênh",
  noNamespace: (channel) =>
    `“${channel}” thiếu không gian tên trước dấu hai chấm: hãy viết namespace:tên, ví dụ orders:all.`,
  unknownNamespace: (namespace) =>
    `Máy chủ này không có không gian tên “${namespace}” nên không có kênh nào như vậy. Hãy kiểm tra lại chính tả.`,
  kind: { stream: "Luồng", state: "Kênh trạng thái", shared_poll: "Hỏi chung" },
  rules: (size, duration) => `tối đa ${size}, trong ${duration}`,
  kept: (count, isAll) => isAll ? count : `hơn ${count}`,
  keptNow: "Đang lưu",
  notKept: "không lưu gì",
  position: "Vị trí",
  tail: "Tin mới",
  tailOpening: "Đang mở…",
  tailLive: "Trực tiếp",
  tailWaiting: "Mất kết nối, đang thử lại…",
  tailEmpty: "Những gì được gửi từ lúc này sẽ hiện ở đây.",
  tailNone: "Kênh hỏi chung không có tin nào được gửi.",
  pause: "Tạm dừng",
  resume: "Tiếp tục",
  paused: (missed) => `Đang dừng, ${missed} tin mới`,
  removed: "đã xóa",
  joined: "đã vào",
  left: "đã rời",
  gap: "Kết nối vừa bị mất: có thể thiếu tin ở đây.",
  publish: "Gửi tin",
  key: "Khóa",
  data: "Dữ liệu (JSON)",
  tags: "Nhãn (không bắt buộc)",
  tagsHow: "tên=giá trị, …",
  notJson: (detail) => `Dữ liệu không phải JSON: ${detail}`,
  notJsonAt: (line, column) => `Dữ liệu không phải JSON: dòng ${line}, cột ${column}.`,
  notTags: "Nhãn viết dạng tên=giá trị, cách nhau bằng dấu phẩy.",
  published: "Đã gửi.",
  publishedAt: (offset) => `Đã gửi, ở vị trí ${offset}.`,
};

export const channelTexts: Translated<ChannelTexts> = { en, vi };
