/// <reference lib="dom" />
/** The script of the page that compares ways of reading a feed. */
import { Compare, type CompareState } from "./compare/compare.ts";
import { CompareView } from "./compare/view.tsx";
import { CompareVisit } from "./compare/visit.ts";
import { Gate } from "./gate.tsx";
import { hydrateIslands } from "./island.tsx";
import { readPageState } from "./page_state.ts";

const state = readPageState<CompareState>(document);
const compare = new Compare(state);
const visit = new CompareVisit(compare);
hydrateIslands({
  gate: <Gate page={compare.page} />,
  compare: <CompareView compare={compare} visit={visit} />,
});
visit.begin(state.token);
