/** What the chat says, in each of the pages' languages. */
import type { Translated } from "../language.ts";

export interface ChatTexts {
  readonly title: string;
  /** Its name as a heading. */
  readonly room: (name: string) => string;
  readonly tagline: string;
  readonly messages: string;
  readonly people: string;
  readonly here: (names: string) => string;
  readonly nobodyHere: string;
  readonly you: string;
  readonly staff: string;
  /** @param names at most two; `more`: how many others */
  readonly typing: (names: readonly string[], more: number) => string;
  readonly empty: string;
  readonly beginning: string;
  readonly loadingOlder: string;
  readonly olderFailed: string;
  readonly showOlder: string;
  readonly noRoom: string;
  readonly fresh: (count: string, isOne: boolean) => string;
  readonly sending: string;
  readonly stored: string;
  readonly seen: string;
  /** Of the time beside a message: what it is the time of. */
  readonly storedAt: (time: string) => string;
  readonly writtenAt: (time: string) => string;
  readonly failed: (status: string) => string;
  readonly retry: string;
  readonly discard: string;
  readonly message: string;
  readonly placeholder: string;
  readonly hint: (limit: string) => string;
  readonly send: string;
  readonly length: (length: string, limit: string) => string;
  readonly tooLong: (excess: string) => string;
  readonly tooMany: string;
  readonly notKept: string;
  readonly waiting: string;
  readonly noName: string;
  readonly whoAreYou: string;
  readonly whoHow: string;
  readonly name: string;
  readonly badName: string;
  readonly iAmStaff: string;
  readonly enter: string;
}

const en: ChatTexts = {
  title: "Chat",
  room: (name) => `Room ${name}`,
  tagline: "Customers and staff, in one room",
  messages: "Messages",
  people: "Who is here",
  here: (names) => `Here now: ${names}`,
  nobodyHere: "Who is here shows when there is a connection.",
  you: "you",
  staff: "Staff",
  typing: (names, more) => {
    const others = more === 0 ? [] : [more === 1 ? "one other" : `${more} others`];
    const all = [...names, ...others];
    if (all.length === 1) return `${all[0]} is typing…`;
    return `${all.slice(0, -1).join(", ")} and ${all.at(-1)} are typing…`;
  },
  empty: "Nobody has written here yet. Say hello!",
  beginning: "The conversation begins here. Messages are kept for 7 days.",
  loadingOlder: "Loading earlier messages…",
  olderFailed: "Earlier messages could not be loaded.",
  showOlder: "Show earlier messages",
  noRoom: "No more messages fit on this page. Go to the newest to see what comes.",
  fresh: (count, isOne) => isOne ? "1 new message" : `${count} new messages`,
  sending: "Sending…",
  stored: "Sent",
  seen: "Seen",
  storedAt: (time) => `Reached the room at ${time}`,
  writtenAt: (time) => `Written at ${time}, not in the room yet`,
  failed: (status) => `Not sent (error ${status})`,
  retry: "Try again",
  discard: "Delete",
  message: "Message",
  placeholder: "Write a message",
  hint: (limit) => `Enter sends, Shift+Enter begins a line. Up to ${limit} characters.`,
  send: "Send",
  length: (length, limit) => `${length} of ${limit}`,
  tooLong: (excess) => `${excess} too many`,
  tooMany: "Too many messages wait to be sent. Try again when there is a connection.",
  notKept:
    "This browser cannot keep unsent messages: leave the page open until they have been sent.",
  waiting: "No connection. What you write is sent when there is one again.",
  noName: "Your token names no user, so you can read here, but not write.",
  whoAreYou: "Who are you?",
  whoHow:
    "On this development server a name is enough. In production a token at the end of the address (#token=…) says who you are.",
  name: "Name",
  badName: "A name has 1 to 60 characters, in one line.",
  iAmStaff: "I am staff",
  enter: "Go to the chat",
};

const vi: ChatTexts = {
  title: "Trò chuyện",
  room: (name) => `Phòng ${name}`,
  tagline: "Khách hàng và nhân viên trong cùng một phòng",
  messages: "Tin nhắn",
  people: "Ai đang ở đây",
  here: (names) => `Đang có mặt: ${names}`,
  nobodyHere: "Danh sách người có mặt sẽ hiện khi có kết nối.",
  you: "bạn",
  staff: "Nhân viên",
  typing: (names, more) => {
    const all = [...names, ...(more === 0 ? [] : [`${more} người khác`])];
    if (all.length === 1) return `${all[0]} đang nhập…`;
    return `${all.slice(0, -1).join(", ")} và ${all.at(-1)} đang nhập…`;
  },
  empty: "Chưa có ai viết gì. Hãy gửi lời chào!",
  beginning: "Cuộc trò chuyện bắt đầu từ đây. Tin nhắn được giữ trong 7 ngày.",
  loadingOlder: "Đang tải tin nhắn cũ hơn…",
  olderFailed: "Không tải được tin nhắn cũ hơn.",
  showOlder: "Xem tin nhắn cũ hơn",
  noRoom: "Trang không chứa thêm được nữa. Hãy về tin mới nhất để xem tiếp.",
  fresh: (count) => `${count} tin nhắn mới`,
  sending: "Đang gửi…",
  stored: "Đã gửi",
  seen: "Đã xem",
  storedAt: (time) => `Đến phòng lúc ${time}`,
  writtenAt: (time) => `Viết lúc ${time}, chưa đến phòng`,
  failed: (status) => `Chưa gửi được (lỗi ${status})`,
  retry: "Gửi lại",
  discard: "Xóa",
  message: "Tin nhắn",
  placeholder: "Nhập tin nhắn",
  hint: (limit) => `Enter để gửi, Shift+Enter để xuống dòng. Tối đa ${limit} ký tự.`,
  send: "Gửi",
  length: (length, limit) => `${length}/${limit}`,
  tooLong: (excess) => `thừa ${excess} ký tự`,
  tooMany: "Có quá nhiều tin nhắn đang chờ gửi. Hãy thử lại khi có kết nối.",
  notKept: "Trình duyệt này không lưu được tin chưa gửi: hãy để trang mở cho đến khi gửi xong.",
  waiting: "Không có kết nối. Tin bạn viết sẽ được gửi khi có kết nối trở lại.",
  noName: "Mã truy cập của bạn không ghi tên người dùng, nên bạn chỉ đọc được, không viết được.",
  whoAreYou: "Bạn là ai?",
  whoHow:
    "Trên máy chủ phát triển này, chỉ cần một cái tên. Khi vận hành thật, mã truy cập ở cuối địa chỉ (#token=…) cho biết bạn là ai.",
  name: "Tên",
  badName: "Tên có từ 1 đến 60 ký tự, trên một dòng.",
  iAmStaff: "Tôi là nhân viên",
  enter: "Vào phòng trò chuyện",
};

export const chatTexts: Translated<ChatTexts> = { en, vi };
