/// <reference lib="dom" />
/**
 * Keeps the page as tall as what can be seen of it: a phone's keyboard covers the lower part of a
 * page without making it shorter.
 */

/** Shorter than this, in CSS pixels, there is room for the conversation alone. */
const shortPx = 480;

export function followViewport({ document, visualViewport }: Window): void {
  if (visualViewport === null) return;
  const root = document.documentElement;
  const fit = () => {
    // Zoomed in, the page is meant to be larger than what is seen.
    if (visualViewport.scale > 1.01) return;
    root.style.setProperty("--seen", `${visualViewport.height}px`);
    root.toggleAttribute("data-short", visualViewport.height < shortPx);
    // Browsers scroll a focused field into view; with this height it is there.
    scrollTo(0, 0);
  };
  visualViewport.addEventListener("resize", fit);
  fit();
}
