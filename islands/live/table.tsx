/// <reference lib="dom" />
/** The keys of a state channel and their data. */
import { useRef } from "preact/hooks";
import { cellText, type Columns, isRecord, isTime, restOf } from "./fields.ts";
import type { LiveView, Row } from "./view.ts";

export function LiveTable({ view }: { view: LiveView }) {
  const { texts, page, rows, columns, count, isLoaded, source } = view;
  const scroll = useRef<HTMLDivElement>(null);
  const { fields, hasRest, hasValue } = columns.value;
  const trouble = source.value?.state === "stale" ? source.value.error : null;
  const isStale = page.connection.staleSince.value !== null || trouble !== null;
  const isStarting = source.value?.state === "starting";
  return (
    <>
      <p class="trouble" role="status">{trouble !== null && texts.staleHow(trouble)}</p>
      <Filter view={view} />
      {rows.value.length === 0
        ? (
          <p class="empty" role="status">
            {!isLoaded.value || isStarting
              ? page.texts.loading
              : count.value > 0
              ? texts.noMatch
              : texts.empty}
          </p>
        )
        : (
          // Focusable, for a keyboard has no other way to scroll it.
          <div
            class="scroll"
            ref={scroll}
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
      <More view={view} end={() => scroll.current?.focus({ preventScroll: true })} />
    </>
  );
}

function Filter({ view: { texts, filter, isLoaded }, view }: { view: LiveView }) {
  return (
    <p class="filter">
      <label for="filter">{texts.filter}</label>
      <input
        id="filter"
        type="search"
        autocomplete="off"
        spellcheck={false}
        disabled={!isLoaded.value}
        value={filter.value}
        onInput={(event) => view.look(event.currentTarget.value)}
      />
    </p>
  );
}

/** @param props.end goes on where the button was, which goes with the last row */
function More({ view, end }: { view: LiveView; end: () => void }) {
  const { texts, rows, matches, page: { format } } = view;
  const shown = rows.value.length;
  if (shown >= matches.value) return null;
  const showMore = () => {
    view.showMore();
    if (rows.value.length >= matches.value) end();
  };
  return (
    <p class="note">
      {texts.capped(format.number(shown), format.number(matches.value))}{" "}
      <button type="button" onClick={showMore}>{texts.more}</button>
    </p>
  );
}

/** Where there is not the room for more than this, the rest is seen by pointing at it. */
const long = 20;

interface EntryProps {
  readonly row: Row;
  readonly columns: Columns;
  readonly view: LiveView;
}

function Entry({ row, columns, view: { texts, page: { format } } }: EntryProps) {
  const { key, data, before, changes } = row;
  const { fields, hasRest, hasValue } = columns;
  const cell = (label: string, text: string, was: string, raw = text) => {
    const isFresh = changes > 0 && text !== was;
    // Another element begins the animation anew.
    const id = isFresh ? `${label} ${changes}` : label;
    return (
      <td
        key={id}
        role="cell"
        data-label={label}
        class={isFresh ? "fresh" : undefined}
        title={raw !== text || text.length > long ? raw : undefined}
      >
        {text}
      </td>
    );
  };
  const valueOf = (one: unknown) => isRecord(one) ? "" : cellText(one);
  const rawOf = (one: unknown, name: string) =>
    isRecord(one) && Object.hasOwn(one, name) ? one[name] : undefined;
  const fieldOf = (one: unknown, name: string) => {
    const raw = rawOf(one, name);
    return isTime(name, raw) ? `${format.day(raw)} ${format.clock(raw)}` : cellText(raw);
  };
  const isNew = changes > 0 && before === undefined;
  return (
    <tr role="row" data-key={key}>
      <th scope="row" role="rowheader" class={isNew ? "fresh" : undefined}>{key}</th>
      {hasValue && cell(texts.value, valueOf(data), valueOf(before))}
      {fields.map((name) =>
        cell(name, fieldOf(data, name), fieldOf(before, name), cellText(rawOf(data, name)))
      )}
      {hasRest && cell(texts.rest, restOf(data, columns), restOf(before, columns))}
    </tr>
  );
}
