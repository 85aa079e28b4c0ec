/** What the operations room says to those who change orders and stock. */
import type { OrderStatus } from "../../lib/store/events.ts";
import type { Translated } from "../language.ts";

export interface ActingTexts {
  readonly place: string;
  readonly newOrder: string;
  readonly article: string;
  readonly quantity: string;
  readonly unknownArticle: string;
  readonly left: (count: string) => string;
  /** What leads an order on to a status. */
  readonly to: Readonly<Record<Exclude<OrderStatus, "placed">, string>>;
  readonly sureToCancel: string;
  readonly keep: string;
  readonly restock: string;
  readonly howMany: (name: string) => string;
  readonly pending: string;
  readonly retry: string;
  readonly dismiss: string;
  readonly mayNot: string;
  /** What somebody wanted. */
  readonly wantedOrder: (quantity: string, name: string) => string;
  readonly wantedStatus: (id: string, status: string) => string;
  readonly wantedRestock: (quantity: string, name: string) => string;
  /** Why it has not happened. */
  readonly notEnough: (left: string) => string;
  readonly wrongStep: (status: string) => string;
  readonly forbidden: string;
  readonly tokenRefused: string;
  readonly other: (detail: string) => string;
  readonly lost: string;
  readonly busy: string;
}

const en: ActingTexts = {
  place: "Place order",
  newOrder: "New order",
  article: "Name or SKU",
  quantity: "Quantity",
  unknownArticle: "Choose an article that is in the list.",
  left: (count) => `${count} left`,
  to: { packed: "Pack", shipped: "Ship", delivered: "Deliver", cancelled: "Cancel" },
  sureToCancel: "Cancel it",
  keep: "Keep",
  restock: "Restock",
  howMany: (name) => `How many to add: ${name}`,
  pending: "pending",
  retry: "Try again",
  dismiss: "Dismiss",
  mayNot: "Your token may look, but not change orders or stock.",
  wantedOrder: (quantity, name) => `Order of ${quantity} × ${name}`,
  wantedStatus: (id, status) => `Order ${id}: ${status}`,
  wantedRestock: (quantity, name) => `Restock of ${quantity} × ${name}`,
  notEnough: (left) => `not enough in stock, ${left} left. Nothing was ordered.`,
  wrongStep: (status) => `not possible any more, it is now “${status}”.`,
  forbidden: "your token may look, but not change orders or stock.",
  tokenRefused: "the token was refused. It may have expired: open the page with a new one.",
  other: (detail) => `the shop refused it (${detail}).`,
  lost: "no answer from the server. It is kept and sent again; nothing is done twice.",
  busy: "the server cannot do it just now. It is kept; nothing is done twice.",
};

const vi: ActingTexts = {
  place: "Đặt hàng",
  newOrder: "Đơn hàng mới",
  article: "Tên hoặc mã hàng",
  quantity: "Số lượng",
  unknownArticle: "Hãy chọn một mặt hàng có trong danh sách.",
  left: (count) => `còn ${count}`,
  to: { packed: "Đóng gói", shipped: "Giao đi", delivered: "Giao xong", cancelled: "Hủy" },
  sureToCancel: "Hủy đơn",
  keep: "Giữ lại",
  restock: "Nhập thêm",
  howMany: (name) => `Số lượng nhập thêm: ${name}`,
  pending: "đang gửi",
  retry: "Thử lại",
  dismiss: "Bỏ qua",
  mayNot: "Mã truy cập của bạn chỉ được xem, không được thay đổi đơn hàng hay tồn kho.",
  wantedOrder: (quantity, name) => `Đặt ${quantity} × ${name}`,
  wantedStatus: (id, status) => `Đơn ${id}: ${status}`,
  wantedRestock: (quantity, name) => `Nhập thêm ${quantity} × ${name}`,
  notEnough: (left) => `không đủ hàng, chỉ còn ${left}. Đơn chưa được đặt.`,
  wrongStep: (status) => `không thực hiện được nữa, đơn hiện ở trạng thái “${status}”.`,
  forbidden: "mã truy cập của bạn chỉ được xem, không được thay đổi đơn hàng hay tồn kho.",
  tokenRefused: "mã truy cập bị từ chối. Có thể mã đã hết hạn: hãy mở trang với mã mới.",
  other: (detail) => `cửa hàng từ chối (${detail}).`,
  lost: "máy chủ không trả lời. Yêu cầu được giữ lại để gửi tiếp và không bị thực hiện hai lần.",
  busy: "máy chủ tạm thời chưa xử lý được. Yêu cầu được giữ lại và không bị thực hiện hai lần.",
};

export const actingTexts: Translated<ActingTexts> = { en, vi };
