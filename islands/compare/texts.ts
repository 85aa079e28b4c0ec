import type { Way } from "./ways.ts";
import type { Translated } from "../language.ts";
import type { End } from "./compare.ts";
import type { RowName } from "./rows.ts";

interface RowTexts {
  readonly label: string;
  readonly how: string;
}

export interface CompareTexts {
  readonly title: string;
  readonly tagline: string;
  readonly lead: string;
  readonly interval: string;
  readonly every: string;
  readonly seconds: (seconds: string) => string;
  /** Of the rate of changes. */
  readonly gap: (seconds: string) => string;
  readonly start: string;
  readonly again: string;
  readonly stop: string;
  readonly starting: string;
  readonly running: string;
  /** What is to be done before anything is shown. */
  readonly ready: string;
  readonly lasted: (seconds: string) => string;
  readonly ends: Readonly<Record<End, string>>;
  readonly ways: Readonly<Record<Way, string>>;
  readonly opening: string;
  readonly works: string;
  /** It tries again by itself. */
  readonly failing: string;
  readonly noChange: string;
  /** The number of a change. */
  readonly change: (n: string) => string;
  readonly lastDelay: string;
  readonly bars: (way: string) => string;
  readonly barScale: (most: string) => string;
  readonly now: string;
  readonly figures: string;
  readonly figure: string;
  readonly milliseconds: (ms: string) => string;
  readonly milliwatts: (mw: string) => string;
  readonly ofMade: (shown: string, made: string) => string;
  readonly perHour: (amount: string) => string;
  readonly perMinute: (ms: string) => string;
  readonly unknown: string;
  readonly rows: Readonly<Record<RowName, RowTexts>>;
  readonly rowsHow: string;
  /** @param interval from poll to poll, as the next: in seconds */
  readonly cpuFrom: (date: string, clients: string, interval: string, every: string) => string;
  readonly clock: (ms: string) => string;
  readonly wire: string;
  readonly wireNewer: (protocol: string) => string;
  readonly recorded: string;
  readonly recordedHow: (date: string, machine: string, browser: string) => string;
  readonly recordedRun: (interval: string, every: string) => string;
}

const en: CompareTexts = {
  title: "Polling beside push",
  tagline: "The same feed in four ways, measured in your own browser",
  lead:
    "Twenty vehicles move on the server. This page follows them in four ways at once and measures each: how late a change is on the screen, and what that costs.",
  interval: "Poll every",
  every: "Changes",
  seconds: (seconds) => `${seconds} s`,
  gap: (seconds) => seconds === "0.2" ? "five a second" : `one every ${seconds} s`,
  start: "Start",
  again: "Start again",
  stop: "Stop",
  starting: "Comparing clocks…",
  running: "Measuring",
  ready: "Nothing has been measured yet.",
  lasted: (seconds) => `${seconds} s`,
  ends: {
    asked: "Stopped",
    hidden: "Stopped: this tab was hidden, where the browser slows down timers",
    over: "Stopped: a feed lives for ten minutes",
    lost: "Stopped: the feed was lost",
    unreachable: "The server does not answer",
    busy: "The server has no room for another feed just now",
  },
  ways: {
    polling: "Polling",
    long_poll: "Long-poll",
    sse: "SSE",
    websocket: "WebSocket",
  },
  opening: "Opening",
  works: "Works",
  failing: "Fails, trying again",
  noChange: "no change yet",
  change: (n) => `change ${n}`,
  lastDelay: "last delay",
  bars: (way) => `Last delays by ${way}`,
  barScale: (most) => `Bars reach up to ${most}.`,
  now: "As it comes",
  figures: "Figures",
  figure: "Figure",
  milliseconds: (ms) => `${ms} ms`,
  milliwatts: (mw) => `${mw} mW`,
  ofMade: (shown, made) => `${shown} of ${made}`,
  perHour: (amount) => `${amount}/h`,
  perMinute: (ms) => `${ms} ms/min`,
  unknown: "–",
  rows: {
    p50: {
      label: "Delay, median",
      how:
        "From the change on the server to the first frame of the screen that shows it; half are quicker.",
    },
    p99: {
      label: "Delay, 99th percentile",
      how: "All but one in a hundred are quicker; of fewer than a hundred it is the slowest.",
    },
    shown: {
      label: "Changes shown",
      how: "Polling never sees what changes again before the next poll, and the latest not yet.",
    },
    requests: {
      label: "Requests",
      how: "Each is routed, authorised and logged by everything on the way.",
    },
    up: {
      label: "Bytes sent",
      how:
        "Bodies and frames as measured; heads of requests as the server received them; without TCP, TLS and IP.",
    },
    down: {
      label: "Bytes received",
      how:
        "Bodies and frames as measured; heads of answers reckoned from the headers that the page sees.",
    },
    hourly: {
      label: "Data, at this rate",
      how: "Sent and received together, the opening included, so it falls at first.",
    },
    lteOn: {
      label: "Radio on, LTE",
      how:
        "The packets that were measured, heartbeats included, replayed over a published model: each keeps the radio on for 11.6 s.",
    },
    nrOn: {
      label: "Radio on, 5G",
      how: "The same for a standalone 5G network, whose radio stays on for 10.4 s.",
    },
    ltePower: {
      label: "Radio power, LTE",
      how:
        "What the model's radio draws in the mean; a battery of 4,000 mAh holds about 15,000 mWh.",
    },
    cpu: {
      label: "Server CPU a client",
      how: "Not of this page: a page cannot see it.",
    },
  },
  rowsHow: "What the figures are",
  cpuFrom: (date, clients, interval, every) =>
    `Server CPU was recorded by deno task compare on ${date}, with ${clients} clients of each way, a change every ${every} s and a poll every ${interval} s.`,
  clock: (ms) => `The clocks of both sides agree to within ${ms} ms.`,
  wire: "Sizes are those of HTTP/1.1.",
  wireNewer: (protocol) =>
    `This browser speaks ${protocol}, which compresses headers: heads are fewer bytes than is said here.`,
  recorded: "Recorded earlier",
  recordedHow: (date, machine, browser) =>
    `By deno task compare on ${date}: ${machine}; ${browser}, from its network counters.`,
  recordedRun: (interval, every) => `Polled every ${interval}, a change every ${every}`,
};

const vi: CompareTexts = {
  title: "Hỏi định kỳ và đẩy",
  tagline: "Cùng một nguồn tin theo bốn cách, đo ngay trong trình duyệt của bạn",
  lead:
    "Hai mươi chiếc xe di chuyển trên máy chủ. Trang này theo dõi chúng cùng lúc bằng bốn cách và đo từng cách: một thay đổi hiện lên màn hình trễ bao lâu, và tốn những gì.",
  interval: "Hỏi mỗi",
  every: "Thay đổi",
  seconds: (seconds) => `${seconds} giây`,
  gap: (seconds) => seconds === "0,2" ? "5 lần mỗi giây" : `mỗi ${seconds} giây`,
  start: "Bắt đầu",
  again: "Đo lại",
  stop: "Dừng",
  starting: "Đang so đồng hồ…",
  running: "Đang đo",
  ready: "Chưa đo gì.",
  lasted: (seconds) => `${seconds} giây`,
  ends: {
    asked: "Đã dừng",
    hidden: "Đã dừng: thẻ này bị ẩn, trình duyệt làm chậm bộ hẹn giờ",
    over: "Đã dừng: mỗi nguồn tin chỉ chạy mười phút",
    lost: "Đã dừng: mất nguồn tin",
    unreachable: "Máy chủ không trả lời",
    busy: "Hiện máy chủ không còn chỗ cho nguồn tin mới",
  },
  ways: {
    polling: "Hỏi định kỳ",
    long_poll: "Long-poll",
    sse: "SSE",
    websocket: "WebSocket",
  },
  opening: "Đang mở",
  works: "Hoạt động",
  failing: "Lỗi, đang thử lại",
  noChange: "chưa có thay đổi",
  change: (n) => `thay đổi ${n}`,
  lastDelay: "lần trễ gần nhất",
  bars: (way) => `Các lần trễ gần đây qua ${way}`,
  barScale: (most) => `Cột cao nhất ứng với ${most}.`,
  now: "Đang diễn ra",
  figures: "Số liệu",
  figure: "Số liệu",
  milliseconds: (ms) => `${ms} ms`,
  milliwatts: (mw) => `${mw} mW`,
  ofMade: (shown, made) => `${shown} trên ${made}`,
  perHour: (amount) => `${amount}/giờ`,
  perMinute: (ms) => `${ms} ms/phút`,
  unknown: "–",
  rows: {
    p50: {
      label: "Độ trễ, trung vị",
      how:
        "Từ lúc thay đổi trên máy chủ đến khung hình đầu tiên có nó; một nửa số lần nhanh hơn mức này.",
    },
    p99: {
      label: "Độ trễ, phân vị 99",
      how: "Cứ một trăm lần thì chỉ một lần chậm hơn; nếu chưa đủ một trăm thì là lần chậm nhất.",
    },
    shown: {
      label: "Thay đổi đã hiện",
      how:
        "Hỏi định kỳ không thấy những gì lại thay đổi trước lần hỏi sau, và chưa thấy tin mới nhất.",
    },
    requests: {
      label: "Số yêu cầu",
      how: "Mỗi yêu cầu đều phải được định tuyến, kiểm quyền và ghi nhật ký trên đường đi.",
    },
    up: {
      label: "Byte đã gửi",
      how:
        "Nội dung và khung tin được đo; phần đầu yêu cầu đúng như máy chủ nhận; không tính TCP, TLS và IP.",
    },
    down: {
      label: "Byte đã nhận",
      how: "Nội dung và khung tin được đo; phần đầu câu trả lời tính từ các header mà trang thấy.",
    },
    hourly: {
      label: "Dữ liệu, theo đà này",
      how: "Cả gửi lẫn nhận, gồm cả lúc mở kết nối, nên ban đầu giảm dần.",
    },
    lteOn: {
      label: "Bật sóng, LTE",
      how:
        "Các gói tin đã đo, kể cả nhịp giữ kết nối, được chạy lại trên một mô hình đã công bố: mỗi gói giữ sóng bật 11,6 giây.",
    },
    nrOn: {
      label: "Bật sóng, 5G",
      how: "Tương tự với mạng 5G độc lập, sóng bật 10,4 giây sau mỗi gói.",
    },
    ltePower: {
      label: "Công suất sóng, LTE",
      how: "Mức tiêu thụ trung bình theo mô hình; pin 4.000 mAh chứa khoảng 15.000 mWh.",
    },
    cpu: {
      label: "CPU máy chủ mỗi máy khách",
      how: "Không đo ở trang này: trang không thấy được.",
    },
  },
  rowsHow: "Ý nghĩa các số liệu",
  cpuFrom: (date, clients, interval, every) =>
    `CPU máy chủ do deno task compare ghi ngày ${date}: ${clients} máy khách mỗi cách, mỗi ${every} giây một thay đổi, hỏi mỗi ${interval} giây.`,
  clock: (ms) => `Đồng hồ hai bên được so với sai số ${ms} ms.`,
  wire: "Kích thước tính theo HTTP/1.1.",
  wireNewer: (protocol) =>
    `Trình duyệt này dùng ${protocol}, có nén header: phần đầu thực tế ít byte hơn số ghi ở đây.`,
  recorded: "Đã ghi trước đây",
  recordedHow: (date, machine, browser) =>
    `Do deno task compare đo ngày ${date}: ${machine}; ${browser}, theo bộ đếm mạng của nó.`,
  recordedRun: (interval, every) => `Hỏi mỗi ${interval}, mỗi ${every} có một thay đổi`,
};

export const compareTexts: Translated<CompareTexts> = { en, vi };
