import { openEdge } from "./edge_engine.ts";
import type { EngineKind } from "./engine.ts";
import { historySuite } from "./history_suite.ts";
import { nodesSuite } from "./nodes_suite.ts";
import { stateLifetimeSuite } from "./state_lifetime_suite.ts";
import { stateNodesSuite } from "./state_nodes_suite.ts";
import { statePagesSuite } from "./state_pages_suite.ts";
import { statePropertySuite } from "./state_property_suite.ts";
import { stateSuite } from "./state_suite.ts";
import { brokerSuite, engineSuite } from "./suite.ts";

/** The store sweeps what has expired when it likes. */
const edge: EngineKind = { name: "edge", shared: true, open: openEdge };

brokerSuite(edge);
engineSuite(edge);
historySuite(edge);
nodesSuite(edge);
stateSuite(edge);
statePagesSuite(edge);
stateLifetimeSuite(edge);
stateNodesSuite(edge);
statePropertySuite(edge, 20);
