/** The orders of the example REST system: the recorded order lines that ship with the project. */
import { parseRecording } from "../../tools/replay/recording.ts";

const recording = new URL("../../tools/replay/demo/orders.csv", import.meta.url);
const statuses = ["picking", "packed", "sent", "delivered"];

export interface Order {
  readonly id: number;
  readonly status: string;
  /** What the bench looks for: the number of the last change, and when it was sent off. */
  readonly seq: number;
  readonly at: number;
}

export async function recordedOrders(count: number): Promise<Order[]> {
  const read = parseRecording(await Deno.readTextFile(recording));
  if (read.kind !== "orders") throw new Error(`${recording} has no orders`);
  const orders = read.lines.slice(0, count).map(({ time, unitPrice, ...line }, i) => ({
    id: i + 1,
    ...line,
    price: unitPrice / 100,
    placed: new Date(time).toISOString(),
    status: "placed",
    seq: 0,
    at: 0,
  }));
  if (orders.length < count) throw new Error(`only ${orders.length} orders are recorded`);
  return orders;
}

/** The change with this number, from 1 on: which order it is of, and what it sets. */
export function changeOf(seq: number, count: number): Order {
  // Steps of a prime go through all orders before one has its second change.
  const id = (seq * 37) % count + 1;
  const status = statuses[Math.floor(seq / count) % statuses.length] ?? "";
  return { id, status, seq, at: performance.timeOrigin + performance.now() };
}
