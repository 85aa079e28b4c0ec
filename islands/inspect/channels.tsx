/** The channels that somebody listens to. */
import type { ChannelRow } from "../../lib/inspect/node_report.ts";
import type { ChannelOrder } from "../../lib/inspect/query.ts";
import type { Inspect } from "./inspect.ts";
import { type Column, Table } from "./table.tsx";

interface ChannelsProps {
  readonly inspect: Inspect;
  readonly onChoose: (channel: string) => void;
}

export function Channels({ inspect, onChoose }: ChannelsProps) {
  const { texts, overview, chosen } = inspect;
  const columns: readonly Column<ChannelOrder>[] = [
    { title: texts.channel, order: "channel" },
    { title: texts.subscribers, order: "subscribers", numeric: true },
    { title: texts.rate, order: "rate", numeric: true },
    { title: texts.keys, order: "keys", numeric: true, wide: true },
    { title: texts.history, order: "history", numeric: true, wide: true },
    { title: texts.offset, order: "offset", numeric: true, wide: true },
    { title: texts.epoch, wide: true },
  ];
  const listed = overview.value?.channels;
  const current = chosen.value.name === "none" ? null : chosen.value.channel;
  return (
    <Table
      inspect={inspect}
      name="channels"
      title={texts.channels}
      columns={columns}
      view={inspect.channels}
      filterLabel={texts.filterChannels}
      total={listed?.total ?? null}
      shown={listed?.rows.length ?? 0}
      empty={texts.noChannels}
    >
      {listed?.rows.map((row) => (
        <Row
          key={row.channel}
          inspect={inspect}
          row={row}
          isCurrent={row.channel === current}
          onChoose={onChoose}
        />
      ))}
    </Table>
  );
}

interface RowProps extends ChannelsProps {
  readonly row: ChannelRow;
  readonly isCurrent: boolean;
}

function Row({ inspect: { page: { format } }, row, isCurrent, onChoose }: RowProps) {
  const { channel, subscribers, rate, keys, history, offset, epoch } = row;
  const amount = (value: number | null) => value === null ? "–" : format.number(value);
  return (
    <tr data-channel={channel}>
      <th scope="row">
        <button
          type="button"
          class="name"
          aria-pressed={isCurrent}
          title={channel}
          onClick={() => onChoose(channel)}
        >
          <bdi>{channel}</bdi>
        </button>
      </th>
      <td class="number">{amount(subscribers)}</td>
      <td class="number">{amount(rate && Math.round(rate * 10) / 10)}</td>
      <td class="number wide">{amount(keys)}</td>
      <td class="number wide">{amount(history)}</td>
      <td class="number wide">{amount(offset)}</td>
      <td class="code wide">{epoch ?? "–"}</td>
    </tr>
  );
}
