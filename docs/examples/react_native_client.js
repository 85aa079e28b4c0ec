import { connect } from "nhip-client";

export const client = connect("http://127.0.0.1:8000/", {
  transports: ["websocket", "long_poll"], // Its fetch gives no streams.
  batchWindow: 200, // The radio wakes up five times a second at most.
});
