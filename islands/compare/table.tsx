/** The figures of all ways, side by side. On a phone the name of a figure is above its row. */
import { type Way, ways } from "./ways.ts";
import type { Format } from "../format.ts";
import { cellOf, type Column, type RowName, rows } from "./rows.ts";
import type { CompareTexts } from "./texts.ts";

interface FiguresProps {
  readonly texts: CompareTexts;
  readonly format: Format;
  readonly caption: string;
  readonly columns: Readonly<Record<Way, Column>>;
  /** Whether each row says what it is. */
  readonly explained: boolean;
  /** Where among figures of now those of CPU are from; null: all are of the same time. */
  readonly cpuFrom: string | null;
}

/**
 * The roles are said, for on a phone the rows are grids, and browsers differ in whether those are
 * still rows of a table.
 */
export function FiguresTable(props: FiguresProps) {
  const { texts, caption } = props;
  return (
    <table class="figures" role="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">
            <span class="corner">{texts.figure}</span>
          </th>
          {ways.map((way) => <th key={way} scope="col" role="columnheader">{texts.ways[way]}</th>)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => <Row key={row} row={row} {...props} />)}
      </tbody>
    </table>
  );
}

interface RowProps extends FiguresProps {
  readonly row: RowName;
}

function Row({ row, texts, format, columns, explained, cpuFrom }: RowProps) {
  const { label, how } = texts.rows[row];
  const from = row === "cpu" ? cpuFrom : null;
  return (
    <tr role="row" data-row={row} class={from === null ? undefined : "earlier"}>
      <th scope="row" role="rowheader">
        {label}
        {from !== null && <span class="from">{` (${from})`}</span>}
        {explained && <small>{how}</small>}
      </th>
      {ways.map((way) => {
        const { value, of, text } = cellOf(row, columns[way], texts, format);
        return (
          <td key={way} role="cell" data-way={way} data-value={value ?? ""} data-of={of}>{text}</td>
        );
      })}
    </tr>
  );
}

/** On a phone, where the table has no room for it. */
export function Explanations({ texts }: { readonly texts: CompareTexts }) {
  return (
    <details class="explanations">
      <summary>{texts.rowsHow}</summary>
      <dl>
        {rows.map((row) => (
          <div key={row}>
            <dt>{texts.rows[row].label}</dt>
            <dd>{texts.rows[row].how}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
