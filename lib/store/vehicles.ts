import { endSilence, vehicleReported } from "./alerts_vehicles.ts";
import { change } from "./change.ts";
import { keys, limits, type Page, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import type { VehiclePosition } from "./events.ts";
import { page, type PageRequest } from "./list.ts";
import type { StoreEvent } from "./outbox.ts";

/** `at` is when the vehicle was there; absent: now. */
export type PositionReport = Omit<VehiclePosition, "at"> & { readonly at?: number | undefined };

export interface Moved {
  /** false: a position as new was there already, and it stays. */
  readonly applied: boolean;
  /** The vehicle's latest position. */
  readonly position: VehiclePosition;
}

/** Takes a vehicle's position if it is newer than the one known. @throws StoreError 422 */
export async function moveVehicle(context: StoreContext, report: PositionReport): Promise<Moved> {
  const now = context.clock.now();
  const { id, lat, lon, speed, route, headsign, at } = report;
  if (at !== undefined && at > now + limits.clockSkewMs) {
    throw new StoreError(422, `at: ${at} is in the future; the time here is ${now}`);
  }
  return await change<Moved>(context, async (kv) => {
    const entry = await kv.get<VehiclePosition>(keys.vehicle(id));
    const known = entry.value;
    if (known !== null && at !== undefined && at <= known.at) {
      return { result: { applied: false, position: known } };
    }
    // A report without a time is the newest there is, even within the same millisecond.
    const time = at ?? Math.max(now, (known?.at ?? 0) + 1);
    const position = { id, lat, lon, speed, route, headsign, at: time };
    const write = kv.atomic().check(entry)
      .set(keys.vehicle(id), position, { expireIn: limits.vehicleTtlMs });
    const alerts = await vehicleReported(context, write, { known, position });
    const events = [...vehicleMoved(position, known), ...alerts];
    return { result: { applied: true, position }, write, events };
  });
}

export interface MovedAlong extends Moved {
  /** How many positions were taken: all of them. */
  readonly accepted: number;
  /** The time here, Unix milliseconds, for those whose clock is another. */
  readonly now: number;
}

/** `time` is when the vehicle was there. */
export type PastPosition = Omit<VehiclePosition, "id" | "at"> & { readonly time: number };

/**
 * Takes the positions that a vehicle has gathered. Only the newest is stored and told, if it is newer
 * than the one known: who watches glides to it in as long as it took since the report before, and
 * would jump were those in between told in the same moment. To send the same again changes nothing.
 * @throws StoreError 400 where a time is in the future
 */
export async function moveVehicleAlong(
  context: StoreContext,
  { id, positions }: { readonly id: string; readonly positions: readonly PastPosition[] },
): Promise<MovedAlong> {
  const now = context.clock.now();
  for (const [i, { time }] of positions.entries()) {
    if (time <= now + limits.clockSkewMs) continue;
    const message = `positions.${i}.time: ${time} is in the future; the time here is ${now}`;
    throw new StoreError(400, message, { reason: "future", now });
  }
  const { time, ...where } = positions.reduce((a, b) => b.time > a.time ? b : a);
  const moved = await moveVehicle(context, { ...where, id, at: time });
  return { accepted: positions.length, ...moved, now };
}

/**
 * Takes a vehicle that is off duty from the list, and ends an alert that it is silent. Its next
 * report brings it back. Resolves to whether it was there.
 */
export async function withdrawVehicle(context: StoreContext, id: string): Promise<boolean> {
  const now = context.clock.now();
  return await change<boolean>(context, async (kv) => {
    const entry = await kv.get<VehiclePosition>(keys.vehicle(id));
    if (entry.value === null) return { result: false };
    const write = kv.atomic().check(entry).delete(entry.key);
    const alerts = await endSilence({ kv, now }, write, { id });
    const events = [{ channel: "vehicles:all", key: id, removed: true } as const, ...alerts];
    return { result: true, write, events };
  });
}

/** On another route it is gone for who follows the one it leaves: a removal has the old tags. */
function vehicleMoved(position: VehiclePosition, before: VehiclePosition | null): StoreEvent[] {
  const moved = vehicleEvent(position);
  if (before === null || before.route === position.route) return [moved];
  return [{ channel: "vehicles:all", key: position.id, removed: true }, moved];
}

export function vehicleEvent(position: VehiclePosition): StoreEvent {
  const { id, route } = position;
  return { channel: "vehicles:all", key: id, data: position, tags: { route } };
}

/** The latest position of each, by id. */
export function listVehicles(
  context: StoreContext,
  request: PageRequest,
): Promise<Page<VehiclePosition>> {
  return page(context, keys.vehicles, request);
}
