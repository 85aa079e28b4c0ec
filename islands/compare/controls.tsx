/// <reference lib="dom" />
/** What the reader chooses, start and stop, and how it goes. */
import type { Signal } from "@preact/signals";
import type { Compare } from "./compare.ts";

/** What says why nothing can be chosen. */
const hintId = "rates-hint";

export interface ControlsProps {
  readonly compare: Compare;
  readonly onStart: () => void;
  readonly onStop: () => void;
}

export function Controls({ compare, onStart, onStop }: ControlsProps) {
  const { texts, phase, page: { format }, seconds } = compare;
  const { name } = phase.value;
  const isBusy = name === "starting" || name === "running";
  const second = (ms: number) => format.number(ms / 1_000);
  return (
    <div class="controls">
      <Choice
        name="interval"
        label={texts.interval}
        chosen={compare.intervalMs}
        all={compare.intervals}
        text={(ms) => texts.seconds(second(ms))}
        disabled={isBusy || name === "loading"}
        describedBy={isBusy ? hintId : undefined}
      />
      <Choice
        name="every"
        label={texts.every}
        chosen={compare.everyMs}
        all={compare.rates}
        text={(ms) => texts.gap(second(ms))}
        disabled={isBusy || name === "loading"}
        describedBy={isBusy ? hintId : undefined}
      />
      <button
        type="button"
        class="go"
        disabled={name === "loading"}
        onClick={isBusy ? onStop : onStart}
      >
        {isBusy ? texts.stop : name === "stopped" ? texts.again : texts.start}
      </button>
      <p class="phase" data-phase={name}>
        {/* The seconds are not read out. */}
        <span role="status">{describe(compare)}</span>
        {seconds.value > 0 && <span>{` · ${texts.lasted(format.number(seconds.value))}`}</span>}
        {isBusy && <span id={hintId}>{` · ${texts.stopFirst}`}</span>}
      </p>
    </div>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly chosen: Signal<number>;
  /** Milliseconds. */
  readonly all: readonly number[];
  readonly text: (ms: number) => string;
  readonly disabled: boolean;
  readonly describedBy: string | undefined;
}

function Choice({ name, label, chosen, all, text, disabled, describedBy }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select
        name={name}
        disabled={disabled}
        aria-describedby={describedBy}
        onChange={({ currentTarget }) => {
          chosen.value = Number(currentTarget.value);
        }}
      >
        {all.map((ms) => (
          <option key={ms} value={ms} selected={ms === chosen.value}>{text(ms)}</option>
        ))}
      </select>
    </label>
  );
}

function describe({ phase, texts }: Compare): string {
  switch (phase.value.name) {
    case "loading":
    case "idle":
      return texts.ready;
    case "starting":
      return texts.starting;
    case "running":
      return texts.running;
    case "stopped":
      return texts.ends[phase.value.why];
  }
}
