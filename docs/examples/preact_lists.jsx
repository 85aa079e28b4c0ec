import { signal } from "@preact/signals";
import { render } from "preact";
import { client } from "./client.js";
import { followState, followStream } from "./follow.js";

const status = signal(client.status.value);
const tasks = signal(new Map());
const notes = signal([]);
client.status.subscribe((now) => status.value = now);
followState(client.state("tasks:today"), (now) => tasks.value = now);
followStream(client.channel("notes:today"), 20, (now) => notes.value = now);

function Lists() {
  return (
    <>
      <p role="status">{status.value.name}</p>
      <ul>{[...tasks.value].map(([key, { text }]) => <li key={key}>{text}</li>)}</ul>
      <ol>{notes.value.map(({ offset, data }) => <li key={offset}>{data.text}</li>)}</ol>
    </>
  );
}

render(<Lists />, document.querySelector("main"));
