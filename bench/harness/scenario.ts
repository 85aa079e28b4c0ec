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

export interface Scenario {
  readonly name: string;
  readonly title: string;
  run(programs: LoadPrograms): Promise<readonly Figure[]>;
}

export function met({ measured, target }: Figure): boolean {
  if (target === undefined) return true;
  return "atLeast" in target ? measured >= target.atLeast : measured <= target.atMost;
}

export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
