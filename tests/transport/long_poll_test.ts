import { openLongPoll } from "../support/clients/long_poll.ts";
import { transportSuite } from "./suite.ts";

transportSuite("long_poll", openLongPoll);
