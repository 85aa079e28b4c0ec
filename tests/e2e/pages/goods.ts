/** What the shop of the pages' test sells, and what is said in it. */

interface Article {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly lowAt?: number;
}

export const articles: readonly Article[] = [
  { sku: "CF-ARA-500", name: "Cà phê Arabica Cầu Đất 500 g", quantity: 340, unitPrice: 1_250 },
  { sku: "CF-ROB-500", name: "Cà phê Robusta Buôn Ma Thuột 500 g", quantity: 280, unitPrice: 890 },
  { sku: "PHIN-4", name: "Phin nhôm 4 người", quantity: 160, unitPrice: 450 },
  { sku: "TRA-OL-200", name: "Trà ô long Bảo Lộc 200 g", quantity: 210, unitPrice: 1_490 },
  { sku: "TRA-SEN-100", name: "Trà sen Tây Hồ 100 g", quantity: 120, unitPrice: 2_600 },
  { sku: "MAT-ONG-350", name: "Mật ong hoa nhãn Hưng Yên 350 ml", quantity: 150, unitPrice: 980 },
  { sku: "HDIEU-250", name: "Hạt điều rang muối Bình Phước 250 g", quantity: 260, unitPrice: 720 },
  { sku: "NUOC-MAM-500", name: "Nước mắm Phú Quốc 40°N 500 ml", quantity: 190, unitPrice: 560 },
  { sku: "GOM-AM-1", name: "Ấm trà gốm Bát Tràng men lam", quantity: 80, unitPrice: 3_400 },
  { sku: "GOM-CHEN-6", name: "Bộ 6 chén gốm Bát Tràng", quantity: 90, unitPrice: 2_200 },
  { sku: "LUA-KHAN-1", name: "Khăn lụa tơ tằm Vạn Phúc", quantity: 70, unitPrice: 4_500 },
  { sku: "NON-LA-1", name: "Nón lá Huế", quantity: 110, unitPrice: 640 },
];

/** What the morning's count of the shelves found. */
export const counted: readonly Article[] = [
  { sku: "MAT-ONG-350", name: "Mật ong hoa nhãn Hưng Yên 350 ml", quantity: 4, unitPrice: 980 },
  { sku: "GOM-AM-1", name: "Ấm trà gốm Bát Tràng men lam", quantity: 0, unitPrice: 3_400 },
];

interface Said {
  readonly author: "minh" | "lan";
  readonly text: string;
  readonly minutesAgo: number;
}

const day = 24 * 60;

/** By room; `lan` is staff. */
export const conversations: Readonly<Record<string, readonly Said[]>> = {
  support: [
    { author: "minh", text: "Hi! Do you ship the Bát Tràng teapot abroad?", minutesAgo: day + 60 },
    {
      author: "lan",
      text: "We do: to Europe it takes 6 to 8 days, well packed.",
      minutesAgo: day + 58,
    },
    { author: "minh", text: "Hello again, where is order DH-2080?", minutesAgo: 32 },
    {
      author: "lan",
      text: "Good morning Minh! It is on bus 20, about ten minutes from you.",
      minutesAgo: 31,
    },
    {
      author: "lan",
      text: "You can follow it here: https://nhip.example/follow/DH-2080?from=chat",
      minutesAgo: 31,
    },
    { author: "minh", text: "Great, I see it moving 😀", minutesAgo: 29 },
    {
      author: "minh",
      text:
        "One more thing: could the driver ring at the back door, please? The street in front is closed for the market until noon, and the bell there does not work.",
      minutesAgo: 28,
    },
    { author: "lan", text: "I have told the driver.", minutesAgo: 26 },
  ],
  "ho-tro": [
    {
      author: "minh",
      text: "Chào shop! Ấm trà Bát Tràng có giao ra nước ngoài không ạ?",
      minutesAgo: day + 60,
    },
    {
      author: "lan",
      text: "Dạ có anh. Gửi đi châu Âu mất 6 đến 8 ngày, bên em đóng gói kỹ ạ.",
      minutesAgo: day + 58,
    },
    { author: "minh", text: "Em ơi, đơn DH-2080 của anh đến đâu rồi?", minutesAgo: 32 },
    {
      author: "lan",
      text: "Chào anh Minh! Đơn đang trên xe số 20, khoảng mười phút nữa là tới ạ.",
      minutesAgo: 31,
    },
    {
      author: "lan",
      text: "Anh theo dõi ở đây nhé: https://nhip.example/theo-doi/DH-2080?from=chat",
      minutesAgo: 31,
    },
    { author: "minh", text: "Hay quá, anh thấy xe đang chạy rồi 😀", minutesAgo: 29 },
    {
      author: "minh",
      text:
        "À, nhờ em báo tài xế gọi ở cửa sau giúp anh. Đường phía trước họp chợ đến trưa, mà chuông cửa trước lại hỏng.",
      minutesAgo: 28,
    },
    { author: "lan", text: "Em đã báo tài xế rồi ạ.", minutesAgo: 26 },
  ],
};
