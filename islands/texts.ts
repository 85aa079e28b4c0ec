/** What every page says, in each of their languages. What one page alone says is in its own folder. */
import type { Translated } from "./language.ts";

export interface Texts {
  readonly skip: string;
  /** Of the way to the other pages. */
  readonly pages: string;
  readonly connection: string;
  readonly connecting: string;
  readonly live: string;
  readonly reconnecting: string;
  readonly staleSince: (time: string) => string;
  readonly closed: string;
  /** What to do about it where the server has told the page not to come back by itself. */
  readonly reload: string;
  readonly offline: string;
  /** In milliseconds, as the next. */
  readonly latency: (last: string) => string;
  readonly median: (median: string) => string;
  readonly noLatency: string;
  readonly needsToken: string;
  readonly needsTokenHow: string;
  readonly tokenRefused: string;
  readonly shopOff: string;
  readonly shopOffHow: string;
  readonly loading: string;
  readonly needsScript: string;
}

export const transportNames = {
  websocket: "WebSocket",
  sse: "SSE",
  long_poll: "Long-poll",
} as const;

const en: Texts = {
  skip: "Skip to content",
  pages: "Pages",
  connection: "Connection",
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  staleSince: (time) => `as of ${time}`,
  closed: "Disconnected",
  reload: "reload the page",
  offline: "No network",
  latency: (last) => `${last} ms`,
  median: (median) => `median ${median} ms`,
  noLatency: "– ms",
  needsToken: "This page needs a token",
  needsTokenHow:
    "Open it with a connection token at the end of its address: #token=… The token stays in this tab and is sent to no one but this server.",
  tokenRefused: "The token was refused. It may have expired: open the page with a new one.",
  shopOff: "The example shop is off",
  shopOffHow: "The server itself is running. Start it with SHOP=on to see the shop here.",
  loading: "Loading…",
  needsScript: "This page needs JavaScript to show what happens live.",
};

const vi: Texts = {
  skip: "Đến nội dung chính",
  pages: "Các trang",
  connection: "Kết nối",
  connecting: "Đang kết nối",
  live: "Trực tiếp",
  reconnecting: "Đang kết nối lại",
  staleSince: (time) => `dữ liệu lúc ${time}`,
  closed: "Đã ngắt kết nối",
  reload: "hãy tải lại trang",
  offline: "Không có mạng",
  latency: (last) => `${last} ms`,
  median: (median) => `trung vị ${median} ms`,
  noLatency: "– ms",
  needsToken: "Trang này cần mã truy cập",
  needsTokenHow:
    "Hãy mở trang với mã truy cập ở cuối địa chỉ: #token=… Mã chỉ nằm trong thẻ trình duyệt này và chỉ được gửi đến máy chủ này.",
  tokenRefused: "Mã bị từ chối. Có thể mã đã hết hạn: hãy mở trang với mã mới.",
  shopOff: "Cửa hàng mẫu đang tắt",
  shopOffHow: "Máy chủ vẫn đang chạy. Hãy khởi động với SHOP=on để xem cửa hàng ở đây.",
  loading: "Đang tải…",
  needsScript: "Trang cần JavaScript để hiển thị thay đổi trực tiếp.",
};

export const texts: Translated<Texts> = { en, vi };
