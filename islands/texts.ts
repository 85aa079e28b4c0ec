/** What the pages say, in each of their languages. */
import type { OrderStatus } from "../lib/store/events.ts";
import type { TransportName } from "../lib/client/mod.ts";

export const languages = ["en", "vi"] as const;
export type Language = (typeof languages)[number];

export interface Texts {
  readonly title: string;
  readonly tagline: string;
  readonly skip: string;
  readonly orders: string;
  readonly stock: string;
  readonly vehicles: string;
  readonly noOrders: string;
  readonly noStock: string;
  readonly noVehicles: string;
  readonly status: Readonly<Record<OrderStatus, string>>;
  readonly lines: (count: number) => string;
  readonly newOrders: (count: number, id: string, total: string) => string;
  readonly outOfStock: string;
  readonly lowStock: string;
  readonly route: string;
  readonly connection: string;
  readonly connecting: string;
  readonly live: string;
  readonly reconnecting: string;
  readonly staleSince: (time: string) => string;
  readonly closed: string;
  readonly offline: string;
  readonly transport: Readonly<Record<TransportName, string>>;
  readonly latency: (last: string, median: string) => string;
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
  title: "Live shop",
  tagline: "Orders, stock and vehicles, as they happen",
  skip: "Skip to content",
  orders: "Orders in work",
  stock: "Stock",
  vehicles: "Vehicles",
  noOrders: "No order is in work. The next one appears here by itself.",
  noStock: "Nothing in stock yet.",
  noVehicles: "No vehicle has reported its position yet.",
  status: {
    placed: "Placed",
    packed: "Packed",
    shipped: "Shipped",
    delivered: "Delivered",
    cancelled: "Cancelled",
  },
  lines: (count) => count === 1 ? "1 item" : `${count} items`,
  newOrders: (count, id, total) =>
    count === 1 ? `New order ${id}, ${total}` : `${count} new orders`,
  outOfStock: "out of stock",
  lowStock: "low",
  route: "Route",
  connection: "Connection",
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  staleSince: (time) => `as of ${time}`,
  closed: "Disconnected",
  offline: "No network",
  transport: transportNames,
  latency: (last, median) => `${last} ms, median ${median} ms`,
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
  title: "Cửa hàng trực tiếp",
  tagline: "Đơn hàng, tồn kho và xe, ngay khi có thay đổi",
  skip: "Đến nội dung chính",
  orders: "Đơn hàng đang xử lý",
  stock: "Tồn kho",
  vehicles: "Xe",
  noOrders: "Không có đơn hàng nào đang xử lý. Đơn tiếp theo sẽ tự hiện ra ở đây.",
  noStock: "Chưa có hàng trong kho.",
  noVehicles: "Chưa có xe nào báo vị trí.",
  status: {
    placed: "Đã đặt",
    packed: "Đã đóng gói",
    shipped: "Đang giao",
    delivered: "Đã giao",
    cancelled: "Đã hủy",
  },
  lines: (count) => `${count} mặt hàng`,
  newOrders: (count, id, total) =>
    count === 1 ? `Đơn hàng mới ${id}, ${total}` : `${count} đơn hàng mới`,
  outOfStock: "hết hàng",
  lowStock: "sắp hết",
  route: "Tuyến",
  connection: "Kết nối",
  connecting: "Đang kết nối",
  live: "Trực tiếp",
  reconnecting: "Đang kết nối lại",
  staleSince: (time) => `dữ liệu lúc ${time}`,
  closed: "Đã ngắt kết nối",
  offline: "Không có mạng",
  transport: transportNames,
  latency: (last, median) => `${last} ms, trung vị ${median} ms`,
  noLatency: "– ms",
  needsToken: "Trang này cần mã truy cập",
  needsTokenHow:
    "Hãy mở trang với mã kết nối ở cuối địa chỉ: #token=… Mã chỉ nằm trong thẻ này và chỉ được gửi đến máy chủ này.",
  tokenRefused: "Mã bị từ chối. Có thể mã đã hết hạn: hãy mở trang với mã mới.",
  shopOff: "Cửa hàng mẫu đang tắt",
  shopOffHow: "Máy chủ vẫn đang chạy. Hãy khởi động với SHOP=on để xem cửa hàng ở đây.",
  loading: "Đang tải…",
  needsScript: "Trang cần JavaScript để hiển thị thay đổi trực tiếp.",
};

export const texts: Readonly<Record<Language, Texts>> = { en, vi };
