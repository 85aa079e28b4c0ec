/** The isolates that serve. */
import type { NodeRow } from "../../lib/inspect/overview.ts";
import type { Inspect } from "./inspect.ts";

export function Nodes({ inspect }: { inspect: Inspect }) {
  const { texts, overview } = inspect;
  const nodes = overview.value?.nodes ?? [];
  return (
    <section aria-labelledby="nodes-heading">
      <h2 id="nodes-heading" class="visually-hidden">{texts.nodes}</h2>
      <ul class="nodes">
        {nodes.map((node) => <Node key={node.id} inspect={inspect} node={node} />)}
      </ul>
    </section>
  );
}

function Node({ inspect: { texts, page: { format } }, node }: { inspect: Inspect; node: NodeRow }) {
  const { heapBytes, processBytes } = node;
  const facts: readonly (readonly [string, string])[] = [
    [texts.uptime, texts.duration(node.uptimeSeconds)],
    [texts.clients, format.number(node.clients)],
    [texts.users, format.number(node.users)],
    [texts.channels, format.number(node.channels)],
    [texts.heap, heapBytes === null ? texts.silent : format.bytes(heapBytes)],
    [texts.process, processBytes === null ? texts.silent : format.bytes(processBytes)],
  ];
  return (
    <li class="node" data-node={node.id}>
      <h3>{node.name}</h3>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}
