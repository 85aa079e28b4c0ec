/** The button, what keeps the position from being shared, and what the device says. */
import { ago } from "../map/texts.ts";
import type { Driver } from "./driver.ts";
import { FollowMap } from "./follow_map.tsx";
import { isWatching } from "./machine.ts";

export function DriverPanel({ driver }: { driver: Driver }) {
  const { texts, page, vehicle, sharing } = driver;
  if (page.access.value !== "granted" || vehicle.value === null) return null;
  const state = sharing.value;
  const { title, more } = texts.states[state.name];
  return (
    <section class="driver" aria-labelledby="driver-vehicle" data-sharing={state.name}>
      <div class="driver-head">
        <h2 id="driver-vehicle">
          <span class="driver-label">{texts.vehicle}</span> {vehicle.value}
        </h2>
        <div role="status">
          <p class="driver-title">{title}</p>
          <p class="driver-more">{more}</p>
        </div>
      </div>
      <FollowMap driver={driver} />
      <Readings driver={driver} />
      <Notes driver={driver} />
      <Switch driver={driver} />
    </section>
  );
}

function Switch({ driver: { texts, sharing, actions } }: { driver: Driver }) {
  const state = sharing.value;
  const does = actions.value;
  const isOn = isWatching(state);
  const text = isOn ? texts.stop : state.name === "idle" ? texts.start : texts.again;
  return (
    <div class="driver-switch">
      <button
        type="button"
        disabled={does === null}
        data-on={isOn ? "" : undefined}
        onClick={() => isOn ? does?.stop() : does?.start()}
      >
        {text}
      </button>
    </div>
  );
}

function Readings({ driver }: { driver: Driver }) {
  const { texts, page: { format }, sharing, fix, waiting, lastTaken, now, map } = driver;
  const place = isWatching(sharing.value) ? fix.value : null;
  const taken = lastTaken.value;
  const since = taken === null || now.value === null
    ? null
    : ago(map.texts, Math.max(0, now.value - taken.at));
  const speed = place?.speed ?? null;
  const accuracy = place === null || !Number.isFinite(place.accuracy) ? null : place.accuracy;
  const readings = [
    { name: "speed", title: texts.speed, value: speed === null ? null : format.speed(speed) },
    {
      name: "accuracy",
      title: texts.accuracy,
      value: accuracy === null ? null : texts.metres(format.number(Math.ceil(accuracy))),
    },
    { name: "sent", title: texts.lastSent, value: since, at: taken?.at },
    { name: "waiting", title: texts.waiting, value: format.number(waiting.value) },
  ];
  return (
    <dl class="driver-readings">
      {readings.map(({ name, title, value, at }) => (
        <div key={name} data-reading={name}>
          <dt>
            {title}
            {at !== undefined && (
              <time dateTime={new Date(at).toISOString()}>{format.clock(at)}</time>
            )}
          </dt>
          <dd>{value ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Their lines are there also while they say nothing, so that nothing moves. */
function Notes({ driver: { texts, sharing, awake, isKept, waiting } }: { driver: Driver }) {
  const isOn = isWatching(sharing.value);
  return (
    <div class="driver-notes">
      <p>{isOn && awake.value !== "off" ? texts.awake[awake.value] : texts.awake.off}</p>
      <p class="problem" role="status">{!isKept.value && waiting.value > 0 && texts.notKept}</p>
    </div>
  );
}
