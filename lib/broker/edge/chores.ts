/** What is done beside the requests, such as deleting what is no longer kept. */
export class Chores {
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #onError: (error: unknown, stage: string) => void;

  constructor(onError: (error: unknown, stage: string) => void) {
    this.#onError = onError;
  }

  add(stage: string, work: Promise<unknown>): void {
    const chore = work
      .catch((error) => this.#onError(error, stage))
      .finally(() => this.#underWay.delete(chore));
    this.#underWay.add(chore);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }
}
