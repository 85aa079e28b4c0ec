/** The keys of a state channel and their data. */
import { cellText, type Columns, isRecord, restOf } from "./fields.ts";
import { type LiveView, mostRows, type Row } from "./view.ts";

export function LiveTable({ view }: { view: LiveView }) {
  const { texts, page, rows, columns, count, isLoaded, source } = view;
  const { fields, hasRest, hasValue } = columns.value;
  const trouble = source.value?.state === "stale" ? source.value.error : null;
  const isStale = page.connection.staleSince.value !== null || trouble !== null;
  const isStarting = source.value?.state === "starting";
  return (
    <>
      <p class="trouble" role="status">{trouble !== null && texts.staleHow(trouble)}</p>
      {rows.value.length === 0
        ? <p class="empty">{!isLoaded.value || isStarting ? page.texts.loading : texts.empty}</p>
        : (
          // Focusable, for a keyboard has no other way to scroll it.
          <div
            class="scroll"
            tabIndex={0}
            role="region"
            aria-label={texts.table(view.channel)}
            data-stale={isStale ? "" : undefined}
          >
            {/* The roles stand here because a phone's layout takes the elements' own away. */}
            <table role="table">
              <thead role="rowgroup">
                <tr role="row">
                  <th scope="col" role="columnheader">{texts.key}</th>
                  {hasValue && <th scope="col" role="columnheader">{texts.value}</th>}
                  {fields.map((name) => <th key={name} scope="col" role="columnheader">{name}</th>)}
                  {hasRest && <th scope="col" role="columnheader">{texts.rest}</th>}
                </tr>
              </thead>
              <tbody role="rowgroup">
                {rows.value.map((row) => (
                  <Entry key={row.key} row={row} columns={columns.value} view={view} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      {count.value > mostRows && <p class="note">{texts.capped(page.format.number(mostRows))}</p>}
    </>
  );
}

/** Where there is not the room for more than this, the rest is seen by pointing at it. */
const long = 20;

interface EntryProps {
  readonly row: Row;
  readonly columns: Columns;
  readonly view: LiveView;
}

function Entry({ row, columns, view: { texts } }: EntryProps) {
  const { key, data, before, changes } = row;
  const { fields, hasRest, hasValue } = columns;
  const cell = (label: string, text: string, was: string) => {
    const isFresh = changes > 0 && text !== was;
    // Another element begins the animation anew.
    const id = isFresh ? `${label} ${changes}` : label;
    return (
      <td
        key={id}
        role="cell"
        data-label={label}
        class={isFresh ? "fresh" : undefined}
        title={text.length > long ? text : undefined}
      >
        {text}
      </td>
    );
  };
  const valueOf = (one: unknown) => isRecord(one) ? "" : cellText(one);
  const fieldOf = (one: unknown, name: string) =>
    isRecord(one) && Object.hasOwn(one, name) ? cellText(one[name]) : "";
  const isNew = changes > 0 && before === undefined;
  return (
    <tr role="row" data-key={key}>
      <th scope="row" role="rowheader" class={isNew ? "fresh" : undefined}>{key}</th>
      {hasValue && cell(texts.value, valueOf(data), valueOf(before))}
      {fields.map((name) => cell(name, fieldOf(data, name), fieldOf(before, name)))}
      {hasRest && cell(texts.rest, restOf(data, columns), restOf(before, columns))}
    </tr>
  );
}
