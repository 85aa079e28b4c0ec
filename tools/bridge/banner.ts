import { isLoopback } from "../../lib/auth/host.ts";
import type { Settings } from "../dev/settings.ts";
import type { BridgeArgs } from "./args.ts";

export interface BannerParts {
  readonly args: BridgeArgs;
  readonly settings: Settings;
  /** Pages that may subscribe, beside the server's own. */
  readonly origins: string;
  readonly keyFile: string;
  /** How many items there are; null: nobody knows yet. */
  readonly count: number | null;
}

/** Where to look and what to write, in both languages. */
export function banner({ args, settings, origins, keyFile, count }: BannerParts): string {
  const { source, settings: asWritten } = args;
  const { url, host } = settings;
  const channel = `bridge:${source.name}`;
  const events = `${url}/v1/events?channels=${channel}`;
  const items = count === null ? "" : count === 1 ? ", 1 item" : `, ${count} items`;
  return `
  Nhịp   ${channel}   ${source.url.text}, every ${asWritten["every"]}${items}

  en  See it live:
  vi  Xem trực tiếp:

      ${url}/live/${channel}

  en  Subscribe, from a page of ${origins} (ALLOWED_ORIGINS allows others):
  vi  Đăng ký nhận tin, từ trang của ${origins} (trang khác: đặt ALLOWED_ORIGINS):

const events = new EventSource("${events}");
for (const type of ["state", "message"]) events.addEventListener(type, ({ data }) => console.log(JSON.parse(data)));

  en  "state" brings all that is there; then each change is a "message".
  vi  "state" mang toàn bộ dữ liệu hiện có; sau đó mỗi thay đổi là một "message".

  en  To keep it, put this into a server's CHANNELS_FILE; docs/from-polling-to-push.md goes on:
  vi  Để dùng lâu dài, đưa dòng này vào CHANNELS_FILE; đọc tiếp docs/from-polling-to-push.md:

      {"bridge":{"sources":[${JSON.stringify(asWritten)}]}}
${warning(host)}
  en  API key: ${keyFile}. Ctrl-C ends it.
  vi  Khóa API: ${keyFile}. Ctrl-C để dừng.
`;
}

function warning(host: string): string {
  if (isLoopback(host)) return "";
  return `
  en  HOST is ${host}: whoever reaches this address may read the channel.
  vi  HOST là ${host}: ai truy cập được địa chỉ này đều đọc được kênh.
`;
}
