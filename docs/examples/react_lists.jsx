import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { client } from "./client.js";
import { useStateChannel, useStream, useWatchable } from "./react_channels.js";

function Lists() {
  const status = useWatchable(client.status);
  const tasks = useStateChannel(client, "tasks:today");
  const notes = useStream(client, "notes:today", 20);
  return (
    <>
      <p role="status">{status.name}</p>
      <ul>{[...tasks].map(([key, { text }]) => <li key={key}>{text}</li>)}</ul>
      <ol>{notes.map(({ offset, data }) => <li key={offset}>{data.text}</li>)}</ol>
    </>
  );
}

createRoot(document.querySelector("main")).render(
  <StrictMode>
    <Lists />
  </StrictMode>,
);
