import { openWebSocket } from "../support/clients/websocket.ts";
import { transportSuite } from "./suite.ts";

transportSuite("websocket", openWebSocket);
