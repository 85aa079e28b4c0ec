/** What each way brings, as it comes: the latest change, and how late the last ones were. */
import { type Way, ways } from "./ways.ts";
import { type Compare, drawnDelays } from "./compare.ts";
import type { Figures } from "./figures.ts";

export function Tiles({ compare }: { readonly compare: Compare }) {
  const { texts, page: { format } } = compare;
  const longest = scaleOf(compare);
  return (
    <section aria-labelledby="now-heading">
      <h2 id="now-heading">{texts.now[stageOf(compare)]}</h2>
      <ul class="tiles">
        {ways.map((way) => <Tile key={way} compare={compare} way={way} longest={longest} />)}
      </ul>
      <p class="scale">
        {`${texts.barScale(texts.milliseconds(format.number(longest)))} ${totalsOf(compare)}`}
      </p>
    </section>
  );
}

function stageOf({ phase: { value: { name } } }: Compare): "before" | "during" | "after" {
  if (name === "stopped") return "after";
  return name === "running" || name === "starting" ? "during" : "before";
}

/** Of what has ended, and was measured; else "". */
function totalsOf({ texts, phase, ways: all, seconds, page: { format } }: Compare): string {
  if (phase.value.name !== "stopped") return "";
  const figures = Object.values(all).flatMap(({ figures: { value } }) => value ?? []);
  if (figures.length === 0) return "";
  const { number, bytes } = format;
  const sum = (of: (one: Figures) => number) => figures.reduce((sum, one) => sum + of(one), 0);
  return texts.totals(
    number(seconds.value),
    number(Math.max(...figures.map(({ made }) => made))),
    number(sum(({ requests }) => requests)),
    bytes(sum(({ up, down }) => up + down)),
  );
}

interface TileProps {
  readonly compare: Compare;
  readonly way: Way;
  readonly longest: number;
}

function Tile({ compare, way, longest }: TileProps) {
  const { texts, page: { format } } = compare;
  const { state, latest, recent } = compare.ways[way];
  const last = recent.value.at(-1);
  const hasEnded = compare.phase.value.name === "stopped";
  return (
    <li class="tile" data-tile={way} data-state={hasEnded ? "stopped" : state.value.name}>
      <h3>{texts.ways[way]}</h3>
      <p class="way-state">
        {hasEnded ? texts.now.after : describe(compare, way)}
        {/* At its length alone: what it says moves nothing. */}
        {!hasEnded && state.value.name === "failing" && (
          <span class="reason" title={state.value.reason}>{state.value.reason}</span>
        )}
      </p>
      <p class="late">
        <span class="visually-hidden">{texts.lastDelay}:</span>{" "}
        {last === undefined ? texts.unknown : texts.milliseconds(format.number(Math.round(last)))}
      </p>
      <Bars delays={recent.value} longest={longest} label={texts.bars(texts.ways[way])} />
      <p class="latest" data-latest={way}>
        {latest.value === 0 ? texts.noChange : texts.change(`${latest.value}`)}
      </p>
    </li>
  );
}

function describe({ texts, ways }: Compare, way: Way): string {
  const state = ways[way].state.value;
  switch (state.name) {
    case "idle":
      return texts.unknown;
    case "opening":
      return `${texts.opening}…`;
    case "running":
      return texts.works;
    case "failing":
      return texts.failing;
  }
}

const bar = { width: 4, gap: 2 };
const height = 40;
const width = drawnDelays * (bar.width + bar.gap) - bar.gap;

interface BarsProps {
  /** Milliseconds, the latest at the end. */
  readonly delays: readonly number[];
  readonly longest: number;
  readonly label: string;
}

function Bars({ delays, longest, label }: BarsProps) {
  const first = drawnDelays - delays.length;
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {delays.map((ms, index) => {
        const tall = Math.max(1, Math.min(1, ms / longest) * height);
        return (
          <rect
            key={index}
            x={(first + index) * (bar.width + bar.gap)}
            y={height - tall}
            width={bar.width}
            height={tall}
          />
        );
      })}
    </svg>
  );
}

/** One for all ways: what polling may take at most, unless something took longer. */
function scaleOf({ ways: all, intervalMs }: Compare): number {
  const longest = Math.max(
    intervalMs.value,
    ...Object.values(all).flatMap(({ recent }) => recent.value),
  );
  return Math.ceil(longest / 1_000) * 1_000;
}
