import type { Way } from "./ways.ts";
import type { Translated } from "../language.ts";
import type { End } from "./compare.ts";
import type { Machine } from "./machine.ts";
import { rowTexts } from "./row_texts.ts";

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
  /** Of what is measured meanwhile. */
  readonly stopFirst: string;
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
  /** Above what the ways bring: before, while and after it is measured. */
  readonly now: { readonly before: string; readonly during: string; readonly after: string };
  /** Of a measurement that has ended, all ways together. */
  readonly totals: (seconds: string, changes: string, requests: string, data: string) => string;
  readonly figures: string;
  readonly figure: string;
  readonly milliseconds: (ms: string) => string;
  readonly milliwatts: (mw: string) => string;
  readonly ofMade: (shown: string, made: string) => string;
  readonly perHour: (amount: string) => string;
  readonly perMinute: (ms: string) => string;
  readonly unknown: string;
  readonly rows: (typeof rowTexts)["en"];
  readonly rowsHow: string;
  /** @param interval from poll to poll, as the next: in seconds */
  readonly cpuFrom: (date: string, clients: string, interval: string, every: string) => string;
  readonly clock: (ms: string) => string;
  readonly wire: string;
  readonly wireNewer: (protocol: string) => string;
  /** Of one figure. */
  readonly recordedOn: (date: string) => string;
  readonly machine: (machine: Machine) => string;
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
  stopFirst: "Stop to choose other rates.",
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
  now: { before: "Not started", during: "As it comes", after: "Stopped" },
  totals: (seconds, changes, requests, data) =>
    `In ${seconds} s the four ways followed ${changes} changes with ${requests} requests and ${data}.`,
  figures: "Figures",
  figure: "Figure",
  milliseconds: (ms) => `${ms} ms`,
  milliwatts: (mw) => `${mw} mW`,
  ofMade: (shown, made) => `${shown} of ${made}`,
  perHour: (amount) => `${amount}/h`,
  perMinute: (ms) => `${ms} ms/min`,
  unknown: "–",
  rows: rowTexts.en,
  rowsHow: "What the figures are",
  cpuFrom: (date, clients, interval, every) =>
    `Server CPU was recorded by deno task compare on ${date}, with ${clients} clients of each way, a change every ${every} s and a poll every ${interval} s.`,
  clock: (ms) => `The clocks of both sides agree to within ${ms} ms.`,
  wire: "Sizes are those of HTTP/1.1.",
  wireNewer: (protocol) =>
    `This browser speaks ${protocol}, which compresses headers: heads are fewer bytes than is said here.`,
  recordedOn: (date) => `recorded ${date}`,
  machine: ({ cores, system, runtime }) =>
    `${cores} ${cores === 1 ? "core" : "cores"}, ${system}, ${runtime}`,
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
  stopFirst: "Hãy dừng trước khi chọn nhịp khác.",
  ready: "Chưa đo gì.",
  lasted: (seconds) => `${seconds} giây`,
  ends: {
    asked: "Đã dừng",
    hidden: "Đã dừng: thẻ trình duyệt này bị ẩn, trình duyệt làm chậm bộ hẹn giờ",
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
  now: { before: "Chưa bắt đầu", during: "Đang diễn ra", after: "Đã dừng" },
  totals: (seconds, changes, requests, data) =>
    `Trong ${seconds} giây, bốn cách theo dõi ${changes} thay đổi, tốn tổng cộng ${requests} yêu cầu và ${data}.`,
  figures: "Số liệu",
  figure: "Số liệu",
  milliseconds: (ms) => `${ms} ms`,
  milliwatts: (mw) => `${mw} mW`,
  ofMade: (shown, made) => `${shown} trên ${made}`,
  perHour: (amount) => `${amount}/giờ`,
  perMinute: (ms) => `${ms} ms/phút`,
  unknown: "–",
  rows: rowTexts.vi,
  rowsHow: "Ý nghĩa các số liệu",
  cpuFrom: (date, clients, interval, every) =>
    `CPU máy chủ do deno task compare ghi ngày ${date}: ${clients} máy khách mỗi cách, mỗi ${every} giây một thay đổi, hỏi mỗi ${interval} giây.`,
  clock: (ms) => `Đồng hồ hai bên được so với sai số ${ms} ms.`,
  wire: "Kích thước tính theo HTTP/1.1.",
  wireNewer: (protocol) =>
    `Trình duyệt này dùng ${protocol}, có nén header: phần đầu thực tế ít byte hơn số ghi ở đây.`,
  recordedOn: (date) => `ghi ngày ${date}`,
  machine: ({ cores, system, runtime }) => `${cores} nhân, ${system}, ${runtime}`,
  recorded: "Đã ghi trước đây",
  recordedHow: (date, machine, browser) =>
    `Do deno task compare đo ngày ${date}: ${machine}; ${browser}, theo bộ đếm mạng của nó.`,
  recordedRun: (interval, every) => `Hỏi mỗi ${interval}, mỗi ${every} có một thay đổi`,
};

export const compareTexts: Translated<CompareTexts> = { en, vi };
