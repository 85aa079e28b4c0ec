/**
 * Alerts for vehicles that have gone silent: the latest position is older than `vehicleSilentMs`, by
 * the time that it was reported for.
 */
import { alertId, hasRoom, raised, resolved, writeAlert } from "./alerts.ts";
import type { AlertOf } from "./alerts_shape.ts";
import { change, patiently } from "./change.ts";
import { keys, limits, type StoreContext } from "./context.ts";
import type { VehiclePosition } from "./events.ts";
import type { StoreEvent } from "./outbox.ts";

type SilentAlert = AlertOf<"vehicle_silent">;

function isSilent({ at }: Pick<VehiclePosition, "at">, now: number): boolean {
  return at <= now - limits.vehicleSilentMs;
}

/**
 * Adds to a commit that checks and writes a vehicle's position that its silence is over, and returns
 * what tells of that.
 * @param known its position before; null: there was none.
 */
export async function vehicleReported(
  { kv, clock }: StoreContext,
  write: Deno.AtomicOperation,
  { known, position }: { known: VehiclePosition | null; position: VehiclePosition },
): Promise<StoreEvent[]> {
  const now = clock.now();
  // Whose clock said that it was silent may have been ahead of this one.
  const mayBeOpen = known === null || isSilent(known, now + limits.clockSkewMs);
  return mayBeOpen && !isSilent(position, now)
    ? await endSilence({ kv, now }, write, position)
    : [];
}

/** Adds to a commit that a vehicle's silence is over, and returns what tells of that. */
export async function endSilence(
  { kv, now }: { readonly kv: Deno.Kv; readonly now: number },
  write: Deno.AtomicOperation,
  vehicle: Pick<VehiclePosition, "id">,
): Promise<StoreEvent[]> {
  const entry = await kv.get<SilentAlert>(keys.alert(idOf(vehicle)));
  // Also where there is none: it may be raised at this moment.
  write.check(entry);
  return entry.value === null ? [] : writeAlert(write, resolved(entry.value, now), entry.value);
}

/** Raises what has to be raised. @returns when a vehicle known now may next have gone silent */
export async function raiseSilent(context: StoreContext): Promise<number> {
  const { kv, clock } = context;
  const now = clock.now();
  const silent: string[] = [];
  let next = Infinity;
  await patiently(clock, async () => {
    silent.length = 0;
    const vehicles = kv.list<VehiclePosition>({ prefix: [...keys.vehicles] }, { batchSize: 500 });
    for await (const { value } of vehicles) {
      if (isSilent(value, now)) silent.push(value.id);
      else next = Math.min(next, value.at + limits.vehicleSilentMs);
    }
  });
  for (const id of silent) await raiseFor(context, id);
  return next;
}

/** One silence is raised once: also not again after somebody has closed it. */
function raiseFor(context: StoreContext, id: string): Promise<void> {
  return change<void>(context, async (kv) => {
    const nothing = { result: undefined };
    const alertKey = idOf({ id });
    const [vehicle, open, ended] = await kv.getMany<[VehiclePosition, SilentAlert, SilentAlert]>([
      keys.vehicle(id),
      keys.alert(alertKey),
      keys.endedAlert(alertKey),
    ]);
    const now = context.clock.now();
    if (vehicle.value === null || !isSilent(vehicle.value, now)) return nothing;
    const { at: lastAt, route, headsign } = vehicle.value;
    if (open.value !== null || ended.value?.text.lastAt === lastAt) return nothing;
    if (!await hasRoom(kv)) return { ...nothing, dropped: ["vehicle_silent"] };
    const cause = {
      kind: "vehicle_silent",
      severity: "warning",
      subject: id,
      text: { lastAt, route, headsign },
    } as const;
    const write = kv.atomic().check(vehicle, open);
    return { ...nothing, write, events: writeAlert(write, raised(cause, null, now), null) };
  });
}

function idOf({ id }: Pick<VehiclePosition, "id">): string {
  return alertId({ kind: "vehicle_silent", subject: id });
}
