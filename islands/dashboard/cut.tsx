/** So many characters at the end are always there: it is by them that ids mostly differ. */
const kept = 4;

/** A text that is cut in its middle where there is no room for all of it. */
export function Cut({ text }: { readonly text: string }) {
  return (
    <b class="title cut" title={text}>
      <span>{text.slice(0, -kept)}</span>
      <span>{text.slice(-kept)}</span>
    </b>
  );
}
