/** The sessions of all nodes. */
import type { SessionRow } from "../../lib/inspect/node_report.ts";
import type { SessionOrder } from "../../lib/inspect/query.ts";
import type { Inspect } from "./inspect.ts";
import { type Column, Table } from "./table.tsx";

export function Sessions({ inspect }: { inspect: Inspect }) {
  const { texts, overview } = inspect;
  const columns: readonly Column<SessionOrder>[] = [
    { title: texts.user, order: "user" },
    { title: texts.transport, order: "transport" },
    { title: texts.since, order: "since", numeric: true, wide: true },
    { title: texts.lag, order: "lag", numeric: true, how: texts.lagHow },
    { title: texts.queue, order: "queue", numeric: true, wide: true },
    { title: texts.node, wide: true },
    { title: texts.channels, order: "channels", numeric: false, wide: true },
  ];
  const listed = overview.value?.sessions;
  return (
    <Table
      inspect={inspect}
      name="sessions"
      title={texts.sessions}
      columns={columns}
      view={inspect.sessions}
      filterLabel={texts.filterSessions}
      total={listed?.total ?? null}
      shown={listed?.rows.length ?? 0}
      empty={texts.noSessions}
    >
      {listed?.rows.map((row) => <Row key={row.id} inspect={inspect} row={row} />)}
    </Table>
  );
}

function Row({ inspect, row }: { inspect: Inspect; row: SessionRow }) {
  const { texts, session, page: { format } } = inspect;
  return (
    <tr data-session={row.id}>
      <th scope="row">
        <button
          type="button"
          class="name"
          aria-haspopup="dialog"
          title={row.id}
          onClick={() => session.value = row}
        >
          <bdi>{row.user === "" ? texts.anonymous : row.user}</bdi>
        </button>
      </th>
      <td>{row.transport}</td>
      <td class="number wide">{format.moment(row.since)}</td>
      <td class="number">{format.number(row.lag)}</td>
      <td class="number wide">{format.bytes(row.queue)}</td>
      <td class="code wide">{row.node.slice(0, 8)}</td>
      <td class="names wide">
        <bdi>{named(row, texts.andMore)}</bdi>
      </td>
    </tr>
  );
}

/** Its channels as far as they are named. */
export function named(
  { channels, channelCount }: SessionRow,
  andMore: (count: number) => string,
): string {
  const more = channelCount - channels.length;
  return [...channels, ...(more > 0 ? [andMore(more)] : [])].join(", ");
}
