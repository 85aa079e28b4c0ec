/// <reference lib="dom" />
/** One session, and its end. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SessionRow } from "../../lib/inspect/node_report.ts";
import type { Inspect } from "./inspect.ts";
import { named } from "./sessions.tsx";

type Whom = { readonly client: string } | { readonly user: string };

interface SessionDialogProps {
  readonly inspect: Inspect;
  /** @returns what became of it. */
  readonly onDisconnect: (whom: Whom) => Promise<string>;
}

export function SessionDialog({ inspect, onDisconnect }: SessionDialogProps) {
  const { session, texts } = inspect;
  const dialog = useRef<HTMLDialogElement>(null);
  const opened = session.value;
  useLayoutEffect(() => {
    if (opened !== null && dialog.current?.open === false) dialog.current.showModal();
  }, [opened]);
  return (
    <dialog
      ref={dialog}
      class="session"
      aria-labelledby="session-heading"
      onClose={() => session.value = null}
    >
      <h2 id="session-heading">{texts.session}</h2>
      {opened !== null && (
        <Details key={opened.id} inspect={inspect} opened={opened} onDisconnect={onDisconnect} />
      )}
      <button type="button" onClick={() => dialog.current?.close()}>{texts.close}</button>
    </dialog>
  );
}

interface DetailsProps extends SessionDialogProps {
  readonly opened: SessionRow;
}

function Details({ inspect, opened, onDisconnect }: DetailsProps) {
  const { texts, overview, page: { format } } = inspect;
  const listed = overview.value?.sessions;
  // As it is now, as long as it is among the rows.
  const now = listed?.rows.find(({ id }) => id === opened.id);
  const row = now ?? opened;
  const isGone = now === undefined && listed !== undefined && listed.rows.length === listed.total;
  const { user, id, transport, since, lag, queue, node } = row;
  const facts: readonly (readonly [string, string])[] = [
    [texts.user, user === "" ? texts.anonymous : user],
    [texts.id, id],
    [texts.transport, transport],
    [texts.since, format.moment(since)],
    [texts.lag, format.number(lag)],
    [texts.queue, format.bytes(queue)],
    [texts.node, node],
    [texts.channels, named(row, texts.andMore)],
  ];
  return (
    <>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <Ending texts={texts} row={row} isGone={isGone} onDisconnect={onDisconnect} />
    </>
  );
}

interface EndingProps {
  readonly texts: Inspect["texts"];
  readonly row: SessionRow;
  readonly isGone: boolean;
  readonly onDisconnect: SessionDialogProps["onDisconnect"];
}

/** Asks once more, and says what became of it. */
function Ending({ texts, row: { id, user }, isGone, onDisconnect }: EndingProps) {
  const asked = useSignal<Whom | null>(null);
  const said = useSignal("");
  const isBusy = useSignal(false);
  const keep = useRef<HTMLButtonElement>(null);
  const status = useRef<HTMLParagraphElement>(null);
  const wasAsked = useRef(false);
  const whom = asked.value;
  useLayoutEffect(() => {
    // What was pressed is gone; the harmless answer comes first.
    if (whom !== null) keep.current?.focus();
    else if (wasAsked.current) status.current?.focus();
    wasAsked.current = whom !== null;
  }, [whom]);
  const end = async (whom: Whom) => {
    if (isBusy.value) return;
    isBusy.value = true;
    said.value = await onDisconnect(whom);
    isBusy.value = false;
    asked.value = null;
  };
  const ask = (whom: Whom) => {
    said.value = "";
    asked.value = whom;
  };
  return (
    <div class="ending">
      <p role="status" ref={status} tabIndex={-1}>
        {whom !== null
          ? "user" in whom ? texts.sureUser(whom.user) : texts.sure
          : said.value !== ""
          ? said.value
          : isGone && texts.sessionGone}
      </p>
      {whom === null
        ? (
          <>
            <button type="button" class="grave" onClick={() => ask({ client: id })}>
              {texts.disconnect}
            </button>
            {user !== "" && (
              <button type="button" class="grave" onClick={() => ask({ user })}>
                {texts.disconnectUser}
              </button>
            )}
          </>
        )
        : (
          <>
            <button
              type="button"
              class="grave"
              aria-disabled={isBusy.value}
              onClick={() => end(whom)}
            >
              {texts.yes}
            </button>
            <button type="button" ref={keep} onClick={() => asked.value = null}>{texts.no}</button>
          </>
        )}
    </div>
  );
}
