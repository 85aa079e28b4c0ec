/** What has become of what somebody wanted, where it has not happened. */
import { type ActingTexts, actingTexts } from "./acting_texts.ts";
import type { Intent } from "./intents.ts";
import { keyOf } from "./intents.ts";
import type { Live } from "./live.ts";

/** More would hide the page; the others follow. */
const most = 4;

export function Notices({ live }: { live: Live }) {
  const { acting, page: { language } } = live;
  const texts = actingTexts[language];
  return (
    <div class="notices" role="status">
      {acting.troubled.value.slice(0, most).map((intent) => (
        <div class="trouble" key={keyOf(intent.action)} data-state={intent.state.name}>
          <p>{`${wanted(live, texts, intent)}: ${why(live, texts, intent)}`}</p>
          {intent.state.name === "lost" && (
            <button
              type="button"
              onClick={() => acting.retry(intent)}
            >
              {texts.retry}
            </button>
          )}
          <button
            type="button"
            class="quiet"
            onClick={() =>
              acting.dismiss(intent)}
          >
            {texts.dismiss}
          </button>
        </div>
      ))}
    </div>
  );
}

function wanted(live: Live, texts: ActingTexts, { action }: Intent): string {
  const { format } = live.page;
  switch (action.kind) {
    case "place":
      return texts.wantedOrder(format.number(action.quantity), action.name);
    case "status":
      return texts.wantedStatus(action.id, live.texts.status[action.to]);
    case "restock":
      return texts.wantedRestock(format.number(action.quantity), action.name);
  }
}

function why(live: Live, texts: ActingTexts, { state }: Intent): string {
  if (state.name === "lost") return state.isBusy ? texts.busy : texts.lost;
  if (state.name !== "refused") return "";
  switch (state.why.name) {
    case "not_enough":
      return texts.notEnough(live.page.format.number(state.why.left));
    case "wrong_step":
      return texts.wrongStep(live.texts.status[state.why.status]);
    case "forbidden":
      return texts.forbidden;
    case "token":
      return texts.tokenRefused;
    case "other":
      return texts.other(state.why.detail);
  }
}
