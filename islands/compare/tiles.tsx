/** What each way brings, as it comes: the latest change, and how late the last ones were. */
import { type Way, ways } from "./ways.ts";
import { type Compare, drawnDelays } from "./compare.ts";

export function Tiles({ compare }: { readonly compare: Compare }) {
  const { texts, page: { format } } = compare;
  const longest = scaleOf(compare);
  return (
    <section aria-labelledby="now-heading">
      <h2 id="now-heading">{texts.now}</h2>
      <ul class="tiles">
        {ways.map((way) => <Tile key={way} compare={compare} way={way} longest={longest} />)}
      </ul>
      <p class="scale">
        {texts.barScale(texts.milliseconds(format.number(longest)))}
      </p>
    </section>
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
  return (
    <li class="tile" data-tile={way} data-state={state.value.name}>
      <h3>{texts.ways[way]}</h3>
      <p class="way-state">
        {describe(compare, way)}
        {/* At its length alone: what it says moves nothing. */}
        {state.value.name === "failing" && (
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
