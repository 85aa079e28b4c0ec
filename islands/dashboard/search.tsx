import type { Live } from "./live.ts";

interface SearchProps {
  readonly live: Live;
  /** What it looks for. */
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** Narrows a list to what is typed, from when there is a list that follows the shop. */
export function Search({ live, label, value, onSearch }: SearchProps) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      disabled={live.acting.may.value === "not yet"}
      value={value}
      onInput={({ currentTarget }) => onSearch(currentTarget.value)}
    />
  );
}
