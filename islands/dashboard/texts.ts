/** What the operations room says, in each of the pages' languages. */
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
  readonly status: Readonly<Record<OrderStatus, string>>;
  readonly lines: (count: number) => string;
  readonly newOrders: (count: number, id: string, total: string) => string;
  readonly outOfStock: string;
  readonly lowStock: string;
  readonly route: string;
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
};

export const dashboardTexts: Translated<DashboardTexts> = { en, vi };
