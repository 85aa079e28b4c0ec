import { openSse } from "../support/clients/sse.ts";
import { transportSuite } from "./suite.ts";

transportSuite("sse", openSse);
