import type { ChannelRow } from "../../lib/inspect/node_report.ts";
import type { Translated } from "../language.ts";

export interface InspectTexts {
  readonly title: string;
  readonly tagline: string;
  readonly needsAdmin: string;
  readonly needsAdminHow: string;
  readonly refused: string;
  readonly lacksRole: string;
  readonly asOf: (time: string) => string;
  readonly noAnswer: string;
  readonly nodes: string;
  readonly node: string;
  readonly uptime: string;
  readonly clients: string;
  readonly users: string;
  readonly heap: string;
  readonly process: string;
  readonly silent: string;
  readonly channels: string;
  readonly channel: string;
  readonly subscribers: string;
  readonly rate: string;
  readonly history: string;
  readonly offset: string;
  readonly epoch: string;
  readonly keys: string;
  readonly filterChannels: string;
  readonly noChannels: { readonly any: string; readonly such: string };
  readonly sessions: string;
  readonly user: string;
  readonly anonymous: string;
  /** Of a session. */
  readonly id: string;
  readonly transport: string;
  readonly since: string;
  readonly lag: string;
  readonly lagHow: string;
  readonly queue: string;
  readonly filterSessions: string;
  readonly noSessions: { readonly any: string; readonly such: string };
  /** Of rows: how many of how many. */
  readonly cut: (shown: string, total: string) => string;
  readonly more: string;
  readonly andMore: (count: number) => string;
  readonly chosen: string;
  readonly chooseOne: string;
  readonly open: string;
  readonly channelName: string;
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
  readonly session: string;
  readonly sessionGone: string;
  readonly disconnect: string;
  readonly disconnectUser: string;
  readonly sure: string;
  readonly sureUser: (user: string) => string;
  readonly yes: string;
  readonly no: string;
  readonly ended: (count: number) => string;
  readonly close: string;
  readonly duration: (seconds: number) => string;
}

const en: InspectTexts = {
  title: "Inspector",
  tagline: "Channels, sessions and nodes, for operators",
  needsAdmin: "This page needs an admin's token",
  needsAdminHow:
    'Open it with a token whose role is "admin" at the end of its address: #token=… The token stays in this tab and is sent to no one but this server.',
  refused: "The token was refused. It may have expired: open the page with a new one.",
  lacksRole: "The token is good, but its role is not admin.",
  asOf: (time) => `As of ${time}`,
  noAnswer: "The server does not answer",
  nodes: "Nodes",
  node: "Node",
  uptime: "Running for",
  clients: "Clients",
  users: "Users",
  heap: "Heap",
  process: "Process memory",
  silent: "did not answer",
  channels: "Channels",
  channel: "Channel",
  subscribers: "Subscribers",
  rate: "Publications/s",
  history: "Kept, at most",
  offset: "Offset",
  epoch: "Epoch",
  keys: "Keys",
  filterChannels: "Filter channels",
  noChannels: {
    any: "No channel has a subscriber. The first one appears here by itself.",
    such: "No such channel has a subscriber.",
  },
  sessions: "Sessions",
  user: "User",
  anonymous: "anonymous",
  id: "ID",
  transport: "Transport",
  since: "Since",
  lag: "Lag",
  lagHow: "Publications still to be sent",
  queue: "Queue",
  filterSessions: "Filter by user, id, transport, channel",
  noSessions: { any: "Nobody is connected.", such: "No such session." },
  cut: (shown, total) => `${shown} of ${total}`,
  more: "Show more",
  andMore: (count) => `and ${count} more`,
  chosen: "One channel",
  chooseOne: "Choose a channel from the list, or type the name of any.",
  open: "Open",
  channelName: "Name of a channel",
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
  session: "Session",
  sessionGone: "It has ended.",
  disconnect: "Disconnect this session",
  disconnectUser: "Disconnect all of this user's",
  sure: "Really disconnect this session? The client is told not to come back.",
  sureUser: (user) =>
    `Really disconnect every session of ${user}? The clients are told not to come back.`,
  yes: "Yes, disconnect",
  no: "No, keep it",
  ended: (count) =>
    count === 0
      ? "There was nothing to disconnect: it had ended already."
      : `Disconnected ${count} ${count === 1 ? "session" : "sessions"}.`,
  close: "Close",
  duration: (seconds) => duration(seconds, { day: "d", hour: "h", minute: "min", second: "s" }),
};

const vi: InspectTexts = {
  title: "Giám sát",
  tagline: "Kênh, phiên và nút, dành cho người vận hành",
  needsAdmin: "Trang này cần mã của quản trị viên",
  needsAdminHow:
    'Hãy mở trang với mã có vai trò "admin" ở cuối địa chỉ: #token=… Mã chỉ nằm trong thẻ này và chỉ được gửi đến máy chủ này.',
  refused: "Mã bị từ chối. Có thể mã đã hết hạn: hãy mở trang với mã mới.",
  lacksRole: "Mã hợp lệ, nhưng vai trò không phải quản trị viên.",
  asOf: (time) => `Dữ liệu lúc ${time}`,
  noAnswer: "Máy chủ không trả lời",
  nodes: "Nút",
  node: "Nút",
  uptime: "Đã chạy",
  clients: "Kết nối",
  users: "Người dùng",
  heap: "Heap",
  process: "RAM tiến trình",
  silent: "không trả lời",
  channels: "Kênh",
  channel: "Kênh",
  subscribers: "Người nghe",
  rate: "Tin/giây",
  history: "Lưu tối đa",
  offset: "Vị trí",
  epoch: "Kỷ nguyên",
  keys: "Khóa",
  filterChannels: "Lọc kênh",
  noChannels: {
    any: "Chưa kênh nào có người nghe. Kênh đầu tiên sẽ tự hiện ở đây.",
    such: "Không có kênh nào như vậy đang được nghe.",
  },
  sessions: "Phiên",
  user: "Người dùng",
  anonymous: "ẩn danh",
  id: "Mã phiên",
  transport: "Đường truyền",
  since: "Từ lúc",
  lag: "Chậm",
  lagHow: "Số tin chưa gửi",
  queue: "Hàng đợi",
  filterSessions: "Lọc theo người dùng, mã, kênh…",
  noSessions: { any: "Chưa có ai kết nối.", such: "Không có phiên nào như vậy." },
  cut: (shown, total) => `${shown} trên ${total}`,
  more: "Xem thêm",
  andMore: (count) => `và ${count} kênh nữa`,
  chosen: "Một kênh",
  chooseOne: "Chọn một kênh trong danh sách, hoặc nhập tên kênh bất kỳ.",
  open: "Mở",
  channelName: "Tên kênh",
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
  session: "Phiên",
  sessionGone: "Phiên đã kết thúc.",
  disconnect: "Ngắt phiên này",
  disconnectUser: "Ngắt mọi phiên của người này",
  sure: "Chắc chắn ngắt phiên này? Máy khách sẽ được báo không kết nối lại.",
  sureUser: (user) =>
    `Chắc chắn ngắt mọi phiên của ${user}? Các máy khách sẽ được báo không kết nối lại.`,
  yes: "Có, ngắt",
  no: "Không, giữ lại",
  ended: (count) =>
    count === 0 ? "Không còn gì để ngắt: phiên đã kết thúc." : `Đã ngắt ${count} phiên.`,
  close: "Đóng",
  duration: (seconds) =>
    duration(seconds, { day: "ngày", hour: "giờ", minute: "phút", second: "giây" }),
};

export const inspectTexts: Translated<InspectTexts> = { en, vi };

type Units = Readonly<Record<"day" | "hour" | "minute" | "second", string>>;

/** In its two largest units. */
function duration(seconds: number, { day, hour, minute, second }: Units): string {
  const parts = [
    [Math.floor(seconds / 86_400), day],
    [Math.floor(seconds / 3_600) % 24, hour],
    [Math.floor(seconds / 60) % 60, minute],
    [Math.floor(seconds) % 60, second],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return `0 ${second}`;
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(" ");
}
