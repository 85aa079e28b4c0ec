/** It is so much later, until disposed; for all but the verification of tokens. */
export function later(seconds: number): Disposable {
  const { now } = Date;
  Date.now = () => now() + seconds * 1_000;
  return {
    [Symbol.dispose]() {
      Date.now = now;
    },
  };
}
