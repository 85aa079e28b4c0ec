/** What each figure is called, and what it is. */
import type { Translated } from "../language.ts";
import type { RowName } from "./rows.ts";

type RowTexts = Readonly<Record<RowName, { readonly label: string; readonly how: string }>>;

const en: RowTexts = {
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
    how: "What the model's radio draws in the mean; a battery of 4,000 mAh holds about 15,000 mWh.",
  },
  cpu: {
    label: "Server CPU a client",
    how: "Not of this page: a page cannot see it.",
  },
};

const vi: RowTexts = {
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
    label: "Thời gian bật sóng, LTE",
    how:
      "Các gói tin đã đo, kể cả nhịp giữ kết nối, được chạy lại trên một mô hình đã công bố: mỗi gói giữ sóng bật 11,6 giây.",
  },
  nrOn: {
    label: "Thời gian bật sóng, 5G",
    how: "Tương tự với mạng 5G độc lập, sóng bật 10,4 giây sau mỗi gói.",
  },
  ltePower: {
    label: "Công suất thu phát, LTE",
    how: "Mức tiêu thụ trung bình theo mô hình; pin 4.000 mAh chứa khoảng 15.000 mWh.",
  },
  cpu: {
    label: "CPU máy chủ mỗi máy khách",
    how: "Không đo ở trang này: trang không thấy được.",
  },
};

export const rowTexts: Translated<RowTexts> = { en, vi };
