/// <reference lib="dom" />
/** What is shown in place of the page's content to who has no token for a vehicle. */
import { Gate } from "../gate.tsx";
import type { Driver } from "./driver.ts";

export function Entrance({ driver }: { driver: Driver }) {
  const { texts, page, asksVehicle, vehicle } = driver;
  const access = page.access.value;
  if (access === "granted" && vehicle.value === null) {
    return (
      <div class="gate" role="status" data-access="refused">
        <h2>{texts.noVehicle}</h2>
        <p>{texts.noVehicleHow}</p>
      </div>
    );
  }
  if (asksVehicle === "no" || access !== "needed") return <Gate page={page} />;
  return (
    <form class="gate entrance" onSubmit={enter}>
      <h2>{texts.whichVehicle}</h2>
      <p>{texts.whichHow}</p>
      <p>
        <label for="vehicle">{texts.vehicle}</label>
        <input
          id="vehicle"
          name="vehicle"
          required
          maxLength={64}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder="van-1"
          aria-describedby={asksVehicle === "bad" ? "vehicle-problem" : undefined}
          aria-invalid={asksVehicle === "bad"}
        />
      </p>
      {asksVehicle === "bad" && <p class="problem" id="vehicle-problem">{texts.badVehicle}</p>}
      <button type="submit">{texts.enter}</button>
    </form>
  );
}

/** By script, for the page's policy lets no form be sent. */
function enter(event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): void {
  event.preventDefault();
  const vehicle = new FormData(event.currentTarget).get("vehicle");
  const address = new URL(location.href);
  if (typeof vehicle === "string") address.searchParams.set("vehicle", vehicle.trim());
  location.assign(address);
}
