/// <reference lib="dom" />
/** What the server hands to a page's script: one JSON block in the document. */
export const pageStateId = "page-state";

/** JSON that is safe inside a script element: nothing in it can end the element or open a comment. */
export function encodePageState(state: object): string {
  return JSON.stringify(state).replaceAll("<", "\\u003c");
}

/** What the server put there for this page's script. */
export function readPageState<State>(document: Document): State {
  const text = document.getElementById(pageStateId)?.textContent;
  if (text === undefined || text === null) throw new Error(`the page has no #${pageStateId}`);
  return JSON.parse(text);
}
