/// <reference lib="dom" />
/** The inspector's script. */
import { InspectBadge } from "./inspect/badge.tsx";
import { InspectGate } from "./inspect/gate.tsx";
import { Inspect } from "./inspect/inspect.ts";
import { InspectView } from "./inspect/view.tsx";
import { InspectVisit } from "./inspect/visit.ts";
import { hydrateIslands } from "./island.tsx";
import type { PageState } from "./page.ts";
import { readPageState } from "./page_state.ts";

const state = readPageState<PageState>(document);
const inspect = new Inspect(state);
const visit = new InspectVisit(inspect);
hydrateIslands({
  badge: <InspectBadge inspect={inspect} />,
  gate: <InspectGate inspect={inspect} />,
  inspect: <InspectView inspect={inspect} visit={visit} />,
});
visit.begin(state.token);
