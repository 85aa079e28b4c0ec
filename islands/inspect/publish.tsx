/// <reference lib="dom" />
/** Publishing to a channel by hand. */
import { useSignal } from "@preact/signals";
import type { ChannelFacts } from "../../lib/inspect/channel_facts.ts";
import type { Inspect } from "./inspect.ts";
import { readJson, readTags } from "./publishing.ts";

export interface PublishProps {
  readonly inspect: Inspect;
  readonly facts: ChannelFacts;
  readonly onPublish: (
    publication: object,
  ) => Promise<{ readonly done: boolean; readonly said: string }>;
}

interface Said {
  readonly text: string;
  /** The field at fault; absent: none. */
  readonly field?: "data" | "tags";
  readonly isProblem: boolean;
}

export function Publish({ inspect: { texts }, facts: { channel, kind }, onPublish }: PublishProps) {
  const said = useSignal<Said>({ text: "", isProblem: false });
  const isBusy = useSignal(false);
  const refuse = (form: HTMLFormElement, field: "data" | "tags", text: string) => {
    said.value = { text, field, isProblem: true };
    const input = form.elements.namedItem(field);
    if (input instanceof HTMLElement) input.focus();
  };
  const submit = async (form: HTMLFormElement) => {
    if (isBusy.value) return;
    const fields = new FormData(form);
    const data = readJson(`${fields.get("data")}`);
    if (data.kind === "bad") {
      const { place, detail } = data;
      const why = place ? texts.notJsonAt(place.line, place.column) : texts.notJson(detail);
      return refuse(form, "data", why);
    }
    const tags = readTags(`${fields.get("tags")}`);
    if (tags === null) return refuse(form, "tags", texts.notTags);
    isBusy.value = true;
    const outcome = await onPublish({
      channel,
      data: data.value,
      ...(kind === "state" && { key: `${fields.get("key")}` }),
      ...(Object.keys(tags).length > 0 && { tags }),
    });
    isBusy.value = false;
    said.value = { text: outcome.said, isProblem: !outcome.done };
  };
  const { text, field, isProblem } = said.value;
  return (
    <form
      class="publish"
      aria-label={texts.publish}
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <label>
        {texts.data}
        <textarea
          name="data"
          rows={3}
          spellcheck={false}
          dir="ltr"
          aria-invalid={field === "data"}
          aria-describedby="publish-said"
        />
      </label>
      {kind === "state" && (
        <label>
          {texts.key}
          <input name="key" required maxLength={255} autocomplete="off" />
        </label>
      )}
      <label>
        {texts.tags}
        <input
          name="tags"
          autocomplete="off"
          placeholder={texts.tagsHow}
          aria-invalid={field === "tags"}
          aria-describedby="publish-said"
        />
      </label>
      {/* Not `disabled`, which would take the focus away. */}
      <button type="submit" aria-disabled={isBusy.value}>{texts.publish}</button>
      <p id="publish-said" class={isProblem ? "problem" : undefined} role="status">{text}</p>
    </form>
  );
}
