/** What the alerts say, in each of the pages' languages. */
import type { Alert, AlertSeverity } from "../../lib/store/alerts_shape.ts";
import type { Format } from "../format.ts";
import type { Translated } from "../language.ts";
import type { Failure } from "./requests.ts";

export interface AlertTexts {
  readonly heading: string;
  readonly severity: Readonly<Record<AlertSeverity, string>>;
  /** How many of a severity there are is before it. */
  readonly tally: (severity: AlertSeverity, count: number) => string;
  /** What is wrong, in a few words. */
  readonly title: (alert: Alert) => string;
  /** What else is known of it. */
  readonly detail: (alert: Alert, format: Format) => string;
  readonly none: string;
  /** Where there are some, and each is taken care of. */
  readonly allAcknowledged: string;
  readonly raised: (time: string, count: number) => string;
  readonly acknowledge: string;
  readonly close: string;
  readonly acknowledgedBy: (name: string, time: string) => string;
  /** By the reader, as far as the page knows yet. */
  readonly acknowledging: string;
  readonly closing: string;
  readonly resolved: string;
  readonly closedBy: (name: string | null) => string;
  readonly failed: (failure: Failure) => string;
  readonly more: (count: string) => string;
  /** Said of several that came together; `last` is the title of one of them. */
  readonly several: (count: number, last: string) => string;
  readonly ended: (title: string) => string;
}

const en: AlertTexts = {
  heading: "Alerts",
  severity: { critical: "critical", warning: "warning", info: "info" },
  tally: (severity, count) => severity === "warning" && count !== 1 ? "warnings" : severity,
  title: (alert) => {
    switch (alert.kind) {
      case "vehicle_silent":
        return `Vehicle ${alert.subject} has gone silent`;
      case "stock_low":
        return alert.text.quantity === 0
          ? `${alert.text.name} is out of stock`
          : `${alert.text.name} is low: ${alert.text.quantity} left`;
      case "source_failing":
        return `Source ${alert.subject} is failing`;
      case "delivery_problem":
        return `Problem with the delivery of ${alert.subject}`;
    }
  },
  detail: (alert, format) => {
    switch (alert.kind) {
      case "vehicle_silent":
        return join(
          alert.text.route && `Route ${alert.text.route}`,
          alert.text.headsign,
          `last position ${format.moment(alert.text.lastAt)}`,
        );
      case "stock_low":
        return `${alert.subject} · limit ${format.number(alert.text.lowAt)}`;
      case "source_failing":
        return join(`since ${format.moment(alert.text.since)}`, alert.text.error);
      case "delivery_problem":
        return join(alert.text.message, alert.text.by && `reported by ${alert.text.by}`);
    }
  },
  none: "No alerts. The next one appears here by itself.",
  allAcknowledged: "All are taken care of.",
  raised: (time, count) => count === 1 ? time : `${time} · ${count} times`,
  acknowledge: "Acknowledge",
  close: "Close",
  acknowledgedBy: (name, time) => `Acknowledged by ${name}, ${time}`,
  acknowledging: "Acknowledged by you",
  closing: "Closed by you",
  resolved: "Resolved",
  closedBy: (name) => name === null ? "Closed" : `Closed by ${name}`,
  failed: (failure) => {
    switch (failure.name) {
      case "forbidden":
        return "Your token has no staff role: only staff may do this.";
      case "token":
        return "Your token was refused. Open the page with a new one.";
      case "gone":
        return "It is gone already.";
      case "taken":
        return "Somebody else was faster.";
      case "lost":
        return "The server did not answer. Try again.";
      case "other":
        return `That failed: ${failure.detail}`;
    }
  },
  more: (count) => `and ${count} more`,
  several: (count, last) => `${count} new alerts, among them: ${last}`,
  ended: (title) => `Resolved: ${title}`,
};

const vi: AlertTexts = {
  heading: "Cảnh báo",
  severity: { critical: "nghiêm trọng", warning: "cần chú ý", info: "thông tin" },
  tally: (severity) => vi.severity[severity],
  title: (alert) => {
    switch (alert.kind) {
      case "vehicle_silent":
        return `Xe ${alert.subject} mất tín hiệu`;
      case "stock_low":
        return alert.text.quantity === 0
          ? `${alert.text.name} đã hết hàng`
          : `${alert.text.name} sắp hết: còn ${alert.text.quantity}`;
      case "source_failing":
        return `Nguồn dữ liệu ${alert.subject} đang lỗi`;
      case "delivery_problem":
        return `Giao đơn ${alert.subject} gặp sự cố`;
    }
  },
  detail: (alert, format) => {
    switch (alert.kind) {
      case "vehicle_silent":
        return join(
          alert.text.route && `Tuyến ${alert.text.route}`,
          alert.text.headsign,
          `vị trí cuối lúc ${format.moment(alert.text.lastAt)}`,
        );
      case "stock_low":
        return `${alert.subject} · ngưỡng ${format.number(alert.text.lowAt)}`;
      case "source_failing":
        return join(`từ ${format.moment(alert.text.since)}`, alert.text.error);
      case "delivery_problem":
        return join(alert.text.message, alert.text.by && `${alert.text.by} báo`);
    }
  },
  none: "Không có cảnh báo. Cảnh báo tiếp theo sẽ tự hiện ra ở đây.",
  allAcknowledged: "Tất cả đã có người xử lý.",
  raised: (time, count) => count === 1 ? time : `${time} · ${count} lần`,
  acknowledge: "Nhận xử lý",
  close: "Đóng",
  acknowledgedBy: (name, time) => `${name} nhận xử lý, ${time}`,
  acknowledging: "Bạn nhận xử lý",
  closing: "Bạn đã đóng",
  resolved: "Đã khắc phục",
  closedBy: (name) => name === null ? "Đã đóng" : `${name} đã đóng`,
  failed: (failure) => {
    switch (failure.name) {
      case "forbidden":
        return "Mã của bạn không có quyền nhân viên: chỉ nhân viên mới làm được việc này.";
      case "token":
        return "Mã của bạn bị từ chối. Hãy mở trang với mã mới.";
      case "gone":
        return "Cảnh báo này không còn nữa.";
      case "taken":
        return "Đã có người khác làm trước.";
      case "lost":
        return "Máy chủ không trả lời. Hãy thử lại.";
      case "other":
        return `Không thực hiện được: ${failure.detail}`;
    }
  },
  more: (count) => `và ${count} cảnh báo khác`,
  several: (count, last) => `${count} cảnh báo mới, trong đó: ${last}`,
  ended: (title) => `Đã khắc phục: ${title}`,
};

function join(...parts: readonly (string | null)[]): string {
  return parts.filter(Boolean).join(" · ");
}

export const alertTexts: Translated<AlertTexts> = { en, vi };
