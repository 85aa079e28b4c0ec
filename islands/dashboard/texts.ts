/** What the operations room shows says, in each of the pages' languages. */
import type { OrderStatus } from "../../lib/store/events.ts";
import type { Translated } from "../language.ts";

export interface DashboardTexts {
  readonly title: string;
  readonly tagline: string;
  readonly orders: string;
  readonly stock: string;
  readonly vehicles: string;
  readonly noOrders: string;
  readonly noStock: string;
  readonly noVehicles: string;
  /** In place of the speed of a vehicle that has gone silent. */
  readonly noSignal: string;
  /** Nothing passes the filter. */
  readonly noneFound: string;
  readonly status: Readonly<Record<OrderStatus, string>>;
  readonly lines: (count: number) => string;
  /** @param id of the latest, as is `total`: what is said twice is another text each time */
  readonly newOrders: (count: number, id: string, total: string) => string;
  /** Of a button that leads to rows that came above what one looks at. */
  readonly newer: (count: string) => string;
  /** As that, where rows are put higher by what they tell. */
  readonly changedAbove: (count: string) => string;
  readonly outOfStock: string;
  readonly lowStock: string;
  readonly route: string;
  readonly filterStatus: string;
  readonly anyStatus: string;
  readonly filterOrders: string;
  readonly filterStock: string;
  readonly filterVehicles: string;
  readonly figures: string;
  readonly ordersToday: string;
  readonly revenueToday: string;
  readonly ordersPerMinute: string;
  readonly cancelledToday: (count: string) => string;
  /** Of the orders per minute: how many in the last hour, and the most in one minute. */
  readonly inLastHour: (count: string) => string;
  readonly busiest: (most: string) => string;
  readonly perOrder: (amount: string) => string;
  readonly hour: string;
  readonly revenue: string;
  /** Of a table of the day's hours. */
  readonly byHour: string;
}

const en: DashboardTexts = {
  title: "Live shop",
  tagline: "Orders, stock and vehicles, as they happen",
  orders: "Orders in work",
  stock: "Stock",
  vehicles: "Vehicles",
  noOrders: "No order is in work. The next one appears here by itself.",
  noStock: "Nothing in stock yet.",
  noVehicles: "No vehicle has reported its position yet.",
  noSignal: "no signal",
  noneFound: "Nothing matches the filter.",
  status: {
    placed: "Placed",
    packed: "Packed",
    shipped: "Shipped",
    delivered: "Delivered",
    cancelled: "Cancelled",
  },
  lines: (count) => count === 1 ? "1 item" : `${count} items`,
  newOrders: (count, id, total) =>
    count === 1 ? `New order ${id}, ${total}` : `${count} new orders, the latest ${id}, ${total}`,
  newer: (count) => `↑ ${count} new`,
  changedAbove: (count) => `↑ ${count} changed above`,
  outOfStock: "out of stock",
  lowStock: "low",
  route: "Route",
  filterStatus: "Show orders by status",
  anyStatus: "All",
  filterOrders: "Order or country",
  filterStock: "Article",
  filterVehicles: "Vehicle or route",
  figures: "Today’s figures",
  ordersToday: "Orders today",
  revenueToday: "Revenue today",
  ordersPerMinute: "Orders this minute",
  cancelledToday: (count) => `${count} cancelled`,
  inLastHour: (count) => `${count} in the last hour`,
  busiest: (most) => `busiest minute: ${most}`,
  perOrder: (amount) => `${amount} an order`,
  hour: "Hour",
  revenue: "Revenue",
  byHour: "Today’s orders and revenue by the hour",
};

const vi: DashboardTexts = {
  title: "Cửa hàng trực tiếp",
  tagline: "Đơn hàng, tồn kho và xe, ngay khi có thay đổi",
  orders: "Đơn hàng đang xử lý",
  stock: "Tồn kho",
  vehicles: "Xe",
  noOrders: "Không có đơn hàng nào đang xử lý. Đơn tiếp theo sẽ tự hiện ra ở đây.",
  noStock: "Chưa có hàng trong kho.",
  noVehicles: "Chưa có xe nào báo vị trí.",
  noSignal: "mất tín hiệu",
  noneFound: "Không có mục nào khớp với bộ lọc.",
  status: {
    placed: "Đã đặt",
    packed: "Đã đóng gói",
    shipped: "Đang giao",
    delivered: "Đã giao",
    cancelled: "Đã hủy",
  },
  lines: (count) => `${count} mặt hàng`,
  newOrders: (count, id, total) =>
    count === 1
      ? `Đơn hàng mới ${id}, ${total}`
      : `${count} đơn hàng mới, mới nhất là ${id}, ${total}`,
  newer: (count) => `↑ ${count} mục mới`,
  changedAbove: (count) => `↑ ${count} thay đổi ở trên`,
  outOfStock: "hết hàng",
  lowStock: "sắp hết",
  route: "Tuyến",
  filterStatus: "Lọc đơn hàng theo trạng thái",
  anyStatus: "Tất cả",
  filterOrders: "Mã đơn hoặc quốc gia",
  filterStock: "Mặt hàng",
  filterVehicles: "Xe hoặc tuyến",
  figures: "Số liệu hôm nay",
  ordersToday: "Đơn hôm nay",
  revenueToday: "Doanh thu ngày",
  ordersPerMinute: "Đơn trong phút này",
  cancelledToday: (count) => `${count} đơn hủy`,
  inLastHour: (count) => `1 giờ qua: ${count} đơn`,
  busiest: (most) => `phút cao điểm: ${most}`,
  perOrder: (amount) => `${amount}/đơn`,
  hour: "Giờ",
  revenue: "Doanh thu",
  byHour: "Đơn hàng và doanh thu hôm nay theo giờ",
};

export const dashboardTexts: Translated<DashboardTexts> = { en, vi };
