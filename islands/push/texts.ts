/** What is said of new orders and of being told of them, in each of the pages' languages. */
import type { Translated } from "../language.ts";

export interface PushTexts {
  /** @param count as the language writes it */
  readonly newOrders: (count: string, isOne: boolean) => string;
  readonly dismiss: string;
  /** Of the region that the toast is in. */
  readonly news: string;
  readonly turnOn: string;
  readonly turnOff: string;
  readonly working: string;
  readonly on: string;
  readonly off: string;
  readonly denied: string;
  readonly unsupported: string;
  readonly forbidden: string;
  readonly failed: string;
}

const en: PushTexts = {
  newOrders: (count, isOne) => isOne ? "New order" : `${count} new orders`,
  dismiss: "Dismiss",
  news: "New orders",
  turnOn: "Notify me of new orders",
  turnOff: "Stop notifying me",
  working: "One moment…",
  on: "You are notified of new orders, also while this page is closed.",
  off: "New orders are shown while this page is open.",
  denied:
    "Notifications are blocked for this site. Allow them in the browser's settings for the site, beside its address.",
  unsupported:
    "This browser cannot notify you. On an iPhone or iPad, add the page to the Home Screen first.",
  forbidden: "Only staff are notified: this token is not of staff.",
  failed: "That did not work. Check the connection and try again.",
};

const vi: PushTexts = {
  newOrders: (count, isOne) => isOne ? "Đơn hàng mới" : `${count} đơn hàng mới`,
  dismiss: "Đóng",
  news: "Đơn hàng mới",
  turnOn: "Báo cho tôi khi có đơn mới",
  turnOff: "Tắt thông báo",
  working: "Đang xử lý…",
  on: "Bạn sẽ được báo khi có đơn mới, kể cả khi đã đóng trang này.",
  off: "Đơn mới chỉ hiện khi trang này đang mở.",
  denied:
    "Thông báo đang bị chặn cho trang này. Hãy cho phép trong phần cài đặt trang của trình duyệt, cạnh thanh địa chỉ.",
  unsupported:
    "Trình duyệt này không hiện được thông báo. Trên iPhone hoặc iPad, trước hết hãy thêm trang vào Màn hình chính.",
  forbidden: "Chỉ nhân viên mới nhận được thông báo: mã này không phải của nhân viên.",
  failed: "Chưa thực hiện được. Hãy kiểm tra kết nối rồi thử lại.",
};

export const pushTexts: Translated<PushTexts> = { en, vi };
