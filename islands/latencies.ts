/** The last hundred latencies, for the badge. */
export interface Latencies {
  /** Oldest first. */
  readonly samples: readonly number[];
  readonly last: number;
  readonly median: number;
}

const kept = 100;

export function addLatency(before: Latencies | null, ms: number): Latencies {
  const samples = [...before?.samples ?? [], ms].slice(-kept);
  const sorted = samples.toSorted((a, b) => a - b);
  return { samples, last: ms, median: sorted[Math.floor(sorted.length / 2)] ?? ms };
}
