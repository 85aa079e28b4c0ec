/** How good the connection is, behind a button that says the most important of it. */
import type { ComponentChildren } from "preact";
import type { Quality } from "../lib/client/mod.ts";
import type { Format } from "./format.ts";
import type { Language } from "./language.ts";
import type { Latencies } from "./latencies.ts";
import { qualityTexts } from "./quality_texts.ts";
import { transportNames } from "./texts.ts";

interface QualityDetailsProps {
  readonly language: Language;
  readonly format: Format;
  /** null, as with the latencies: nothing is known yet. */
  readonly quality: Quality | null;
  readonly latencies: Latencies | null;
  /** What the button says. */
  readonly children: ComponentChildren;
}

export function QualityDetails(props: QualityDetailsProps) {
  const { language, format, quality, latencies, children } = props;
  const texts = qualityTexts[language];
  const { none } = texts;
  const transport = quality?.transport;
  const rows = [
    [texts.transport, transport === undefined ? none : transportNames[transport]],
    [
      texts.latency,
      latencies === null ? none : texts.lastAndMedian(
        format.number(latencies.last),
        format.number(latencies.median),
      ),
    ],
    [texts.reconnects, quality === null ? none : format.number(quality.reconnects)],
    [texts.moves, quality === null ? none : format.number(quality.moves)],
    [texts.received, quality === null ? none : format.bytes(quality.bytesIn)],
    [texts.sent, quality === null ? none : format.bytes(quality.bytesOut)],
  ];
  return (
    <details class="quality" onKeyDown={closeOnEscape}>
      <summary>
        {children}
        <span class="visually-hidden">, {texts.details}</span>
      </summary>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

interface KeyPress {
  readonly key: string;
  readonly currentTarget: HTMLDetailsElement;
}

function closeOnEscape({ key, currentTarget }: KeyPress): void {
  if (key !== "Escape" || !currentTarget.open) return;
  currentTarget.open = false;
  currentTarget.querySelector("summary")?.focus();
}
