import type { Settings } from "./settings.ts";

/** What a developer needs to know first, in both languages. */
export function banner({ url }: Settings, keyFile: string, tokenFile: string): string {
  return `
  Nhịp   ${url}/

  en  The page shows recorded orders and vehicles, played back live. Publish something yourself:
  vi  Trang này phát lại đơn hàng và xe đã ghi, như đang diễn ra. Hãy tự gửi một tin:

      curl -s ${url}/api/publish -H "X-API-Key: $(cat ${keyFile})" \\
        -H "Content-Type: application/json" -d '{"channel":"public:hello","data":{"text":"xin chào"}}'

  en  and watch it come, from another terminal:
  vi  và xem tin đến, ở một cửa sổ khác:

      curl -N "${url}/v1/events?channels=public:hello" -H "Accept: text/event-stream"

  en  A connection token, of user "you", for the shop's channels: ${tokenFile}
  vi  Mã truy cập, của người dùng "you", cho các kênh của cửa hàng: ${tokenFile}

  en  API key: ${keyFile}. Ctrl-C ends it all; a changed source file restarts the server.
  vi  Khóa API: ${keyFile}. Ctrl-C để dừng; máy chủ khởi động lại khi mã nguồn thay đổi.
`;
}
