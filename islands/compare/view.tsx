/** All of the comparison that lives. */
import type { Way } from "./ways.ts";
import type { Compare, RecordedCpu } from "./compare.ts";
import { Controls } from "./controls.tsx";
import type { Column } from "./rows.ts";
import { Explanations, FiguresTable } from "./table.tsx";
import { Tiles } from "./tiles.tsx";
import type { CompareVisit } from "./visit.ts";

interface CompareViewProps {
  readonly compare: Compare;
  /** null: on the server, where nothing is pressed. */
  readonly visit: Pick<CompareVisit, "start" | "stop"> | null;
}

export function CompareView({ compare, visit }: CompareViewProps) {
  const { texts, page } = compare;
  if (page.access.value !== "granted") return null;
  const column = (way: Way): Column => ({
    figures: compare.ways[way].figures.value,
    cpuMs: compare.cpu?.ms[way] ?? null,
  });
  return (
    <div class="compare">
      <p class="lead">{texts.lead}</p>
      <Controls
        compare={compare}
        onStart={() => void visit?.start()}
        onStop={() => visit?.stop()}
      />
      <Tiles compare={compare} />
      <section aria-labelledby="figures-heading">
        <h2 id="figures-heading">{texts.figures}</h2>
        <FiguresTable
          texts={texts}
          format={page.format}
          caption={texts.figures}
          columns={{
            polling: column("polling"),
            long_poll: column("long_poll"),
            sse: column("sse"),
            websocket: column("websocket"),
          }}
          explained
          cpuFrom={compare.cpuDay && texts.recordedOn(compare.cpuDay)}
        />
        <Explanations texts={texts} />
        <Notes compare={compare} />
      </section>
    </div>
  );
}

function cpuFrom({ texts, cpuDay, page: { format } }: Compare, cpu: RecordedCpu): string {
  const { clients, intervalMs, everyMs } = cpu;
  const seconds = (ms: number) => format.number(ms / 1_000);
  return texts.cpuFrom(
    cpuDay ?? "",
    format.number(clients),
    seconds(intervalMs),
    seconds(everyMs),
  );
}

function Notes({ compare }: { readonly compare: Compare }) {
  const { texts, page: { format }, cpu, clockError, protocol } = compare;
  const isNewer = protocol.value !== "" && !protocol.value.startsWith("http/1");
  const error = clockError.value;
  return (
    <ul class="notes">
      {cpu !== null && <li>{cpuFrom(compare, cpu)}</li>}
      <li>{isNewer ? texts.wireNewer(protocol.value) : texts.wire}</li>
      <li>{texts.clock(error === null ? texts.unknown : format.number(Math.ceil(error)))}</li>
    </ul>
  );
}
