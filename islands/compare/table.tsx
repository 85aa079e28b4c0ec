/** The figures of all ways: a table where there is room, else a card for each way. */
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
}

/** One of both is shown, and read out. */
export function FiguresTable(props: FiguresProps) {
  const { texts, format, caption, columns, explained } = props;
  const cell = (row: RowName, way: Way) => cellOf(row, columns[way], texts, format);
  return (
    <>
      <table class="figures">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{texts.figure}</th>
            {ways.map((way) => <th key={way} scope="col">{texts.ways[way]}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row} data-row={row}>
              <th scope="row">
                {texts.rows[row].label}
                {explained && <small>{texts.rows[row].how}</small>}
              </th>
              {ways.map((way) => {
                const { value, of, text } = cell(row, way);
                return (
                  <td key={way} data-way={way} data-value={value ?? ""} data-of={of}>{text}</td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <ul class="cards" aria-label={caption}>
        {ways.map((way) => (
          <li key={way} class="card">
            <h3>{texts.ways[way]}</h3>
            <dl>
              {rows.map((row) => (
                <div key={row}>
                  <dt>{texts.rows[row].label}</dt>
                  <dd>{cell(row, way).text}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}

/** On a phone, where the cards have no room for it. */
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
