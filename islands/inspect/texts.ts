import type { Translated } from "../language.ts";
import { type ChannelTexts, channelTexts } from "./channel_texts.ts";
import { duration } from "./duration.ts";

export interface InspectTexts extends ChannelTexts {
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
  ...channelTexts.en,
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
    'Hãy mở trang với mã truy cập có vai trò "admin" ở cuối địa chỉ: #token=… Mã chỉ nằm trong thẻ trình duyệt này và chỉ được gửi đến máy chủ này.',
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
  epoch: "Kỷ nguyên (epoch)",
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
  ...channelTexts.vi,
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
