import type { LoadPrograms } from "./programs.ts";

/** What is promised of a figure. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** Absent: told for comparison only. */
  readonly target?: Target;
}

/** Figures, and a table of where they come from. */
export interface Detailed {
  readonly details: string;
  readonly figures: readonly Figure[];
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  run(programs: LoadPrograms): Promise<readonly Figure[] | Detailed>;
}

export function met({ measured, target }: Figure): boolean {
  if (target === undefined) return true;
  return "atLeast" in target ? measured >= target.atLeast : measured <= target.atMost;
}

export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
