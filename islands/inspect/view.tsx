/// <reference lib="dom" />
/** All of the inspector. */
import { channelHeadingId, ChannelPanel } from "./channel.tsx";
import { Channels } from "./channels.tsx";
import type { Inspect } from "./inspect.ts";
import { Nodes } from "./nodes.tsx";
import { SessionDialog } from "./session_dialog.tsx";
import { Sessions } from "./sessions.tsx";
import type { InspectVisit } from "./visit.ts";

interface InspectViewProps {
  readonly inspect: Inspect;
  /** null: on the server, where nothing is pressed. */
  readonly visit: Pick<InspectVisit, "choose" | "publish" | "disconnect"> | null;
}

const nothing = Promise.resolve({ done: false, said: "" });

export function InspectView({ inspect, visit }: InspectViewProps) {
  if (inspect.page.access.value !== "granted") return null;
  const choose = (channel: string) => {
    visit?.choose(channel);
    // On a phone it is far below.
    document.getElementById(channelHeadingId)?.focus();
  };
  return (
    <div class="inspect">
      <Nodes inspect={inspect} />
      <div class="sheets">
        <Channels inspect={inspect} onChoose={choose} />
        <ChannelPanel
          inspect={inspect}
          onChoose={choose}
          onPublish={(publication) => visit?.publish(publication) ?? nothing}
        />
        <Sessions inspect={inspect} />
      </div>
      <SessionDialog
        inspect={inspect}
        onDisconnect={(whom) => visit?.disconnect(whom) ?? Promise.resolve("")}
      />
    </div>
  );
}
