/** What the driver's page says, in each of the pages' languages. */
import type { Translated } from "../language.ts";
import type { MapTexts } from "../map/texts.ts";
import type { SharingState } from "./machine.ts";
import type { Link } from "./uplink.ts";
import type { Awake } from "./wake_lock.ts";

export interface StateTexts {
  readonly title: string;
  readonly more: string;
  /** What to do about it; in place of the map. */
  readonly how?: string;
}

export interface DriverTexts {
  readonly title: string;
  readonly tagline: string;
  readonly needsScript: string;
  readonly vehicle: string;
  readonly whichVehicle: string;
  readonly whichHow: string;
  readonly badVehicle: string;
  readonly enter: string;
  readonly noVehicle: string;
  readonly noVehicleHow: string;
  readonly states: Readonly<Record<SharingState["name"], StateTexts>>;
  readonly start: string;
  readonly stop: string;
  readonly again: string;
  readonly speed: string;
  readonly accuracy: string;
  readonly metres: (count: string) => string;
  readonly lastSent: string;
  readonly waiting: string;
  readonly awake: Readonly<Record<Awake, string>>;
  readonly notKept: string;
  readonly links: Readonly<Record<Link, string>>;
  readonly map: Pick<MapTexts, "note" | "failed" | "seeAll" | "keys">;
}

const en: DriverTexts = {
  title: "Driver",
  tagline: "Your phone tells where the vehicle is",
  needsScript: "To share a position needs JavaScript: please allow it for this page.",
  vehicle: "Vehicle",
  whichVehicle: "Which vehicle do you drive?",
  whichHow: "Everybody who follows the fleet sees its position under this name.",
  badVehicle:
    "A name has 1 to 64 letters without accents, digits, dots, hyphens or underscores, and begins with a letter or digit.",
  enter: "Continue",
  noVehicle: "This token is for no vehicle",
  noVehicleHow:
    "It takes one whose role is “driver” and whose subject is the vehicle's name; ask whoever gave you this one.",
  states: {
    idle: {
      title: "Not sharing",
      more: "The position is sent only while you share it.",
    },
    asking: {
      title: "Looking for your position…",
      more: "If the browser asks, let it use your location.",
    },
    sharing: {
      title: "Sharing",
      more: "The fleet's map shows where you are.",
    },
    offline: {
      title: "No connection",
      more: "Go on: positions are kept, and sent when it is back.",
    },
    unavailable: {
      title: "No position",
      more: "The device does not know where it is. It goes on looking.",
    },
    denied: {
      title: "Location is not allowed",
      more: "Nothing is sent.",
      how:
        "Allow it for this site: tap the icon beside the address, then Permissions and Location. On a phone, location has to be on for the browser in the system's settings too. Then try again.",
    },
    refused: {
      title: "The server refuses",
      more: "Nothing more is sent.",
      how: "This token may not report the vehicle's position. Open the page with a new one.",
    },
    insecure: {
      title: "This address is not secure",
      more: "Nothing can be sent.",
      how:
        "Browsers give a position only to pages on https:// or on localhost. Open this page with https.",
    },
    unsupported: {
      title: "This browser knows no position",
      more: "Nothing can be sent.",
      how: "Open the page in another browser, or on a phone.",
    },
  },
  start: "Start sharing",
  stop: "Stop sharing",
  again: "Try again",
  speed: "Speed",
  accuracy: "Accuracy",
  metres: (count) => `± ${count} m`,
  lastSent: "Last sent",
  waiting: "Waiting",
  awake: {
    off: "Keep this page open while you drive.",
    on: "The screen stays on while you share.",
    impossible: "The screen may go dark, and then sharing stops: set it to stay on.",
  },
  notKept: "The browser keeps nothing: what waits is lost if this page is closed.",
  links: { unknown: "Ready to send", up: "Connected", down: "No connection" },
  map: {
    note: "The map appears here with your first position.",
    failed: "The map could not be loaded. Sharing works without it.",
    seeAll: "Where I am",
    keys: "Map of where you are. Arrow keys move it, plus and minus zoom.",
  },
};

const vi: DriverTexts = {
  title: "Tài xế",
  tagline: "Điện thoại của bạn báo vị trí của xe",
  needsScript: "Muốn chia sẻ vị trí cần có JavaScript: hãy cho phép JavaScript trên trang này.",
  vehicle: "Xe",
  whichVehicle: "Bạn lái xe nào?",
  whichHow: "Mọi người theo dõi đội xe sẽ thấy vị trí của xe dưới tên này.",
  badVehicle:
    "Tên có từ 1 đến 64 ký tự, gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới, bắt đầu bằng chữ hoặc số.",
  enter: "Tiếp tục",
  noVehicle: "Mã này không dành cho xe nào",
  noVehicleHow: "Cần mã có vai trò “driver” và chủ thể là tên xe; hãy hỏi người đã đưa mã cho bạn.",
  states: {
    idle: {
      title: "Chưa chia sẻ",
      more: "Vị trí chỉ được gửi khi bạn chia sẻ.",
    },
    asking: {
      title: "Đang tìm vị trí…",
      more: "Nếu trình duyệt hỏi, hãy cho phép dùng vị trí.",
    },
    sharing: {
      title: "Đang chia sẻ",
      more: "Bản đồ đội xe đang hiện vị trí của bạn.",
    },
    offline: {
      title: "Mất kết nối",
      more: "Cứ đi tiếp: vị trí được giữ lại và gửi khi có mạng.",
    },
    unavailable: {
      title: "Không có vị trí",
      more: "Thiết bị chưa biết mình ở đâu và vẫn đang tìm.",
    },
    denied: {
      title: "Vị trí chưa được cho phép",
      more: "Chưa gửi gì.",
      how:
        "Hãy cho phép trang này: chạm vào biểu tượng cạnh địa chỉ, chọn Quyền rồi Vị trí. Trên điện thoại, cần bật vị trí cho trình duyệt trong phần cài đặt của máy. Sau đó thử lại.",
    },
    refused: {
      title: "Máy chủ từ chối",
      more: "Không gửi thêm gì nữa.",
      how: "Mã này không được báo vị trí của xe. Hãy mở trang với mã mới.",
    },
    insecure: {
      title: "Địa chỉ này không an toàn",
      more: "Không gửi được gì.",
      how:
        "Trình duyệt chỉ cho biết vị trí trên trang https:// hoặc localhost. Hãy mở trang này bằng https.",
    },
    unsupported: {
      title: "Trình duyệt không biết vị trí",
      more: "Không gửi được gì.",
      how: "Hãy mở trang bằng trình duyệt khác hoặc trên điện thoại.",
    },
  },
  start: "Bắt đầu chia sẻ",
  stop: "Dừng chia sẻ",
  again: "Thử lại",
  speed: "Tốc độ",
  accuracy: "Độ chính xác",
  metres: (count) => `± ${count} m`,
  lastSent: "Gửi lần cuối",
  waiting: "Đang chờ gửi",
  awake: {
    off: "Hãy để trang này mở khi lái xe.",
    on: "Màn hình luôn sáng khi chia sẻ.",
    impossible: "Màn hình có thể tắt và việc chia sẻ sẽ dừng: hãy đặt máy luôn sáng màn hình.",
  },
  notKept: "Trình duyệt không lưu được gì: đóng trang này thì vị trí đang chờ sẽ mất.",
  links: { unknown: "Sẵn sàng gửi", up: "Đã kết nối", down: "Mất kết nối" },
  map: {
    note: "Bản đồ sẽ hiện ở đây khi có vị trí đầu tiên.",
    failed: "Không tải được bản đồ. Việc chia sẻ vẫn hoạt động.",
    seeAll: "Chỗ của tôi",
    keys: "Bản đồ vị trí của bạn. Phím mũi tên để di chuyển, dấu cộng và trừ để phóng to, thu nhỏ.",
  },
};

export const driverTexts: Translated<DriverTexts> = { en, vi };
