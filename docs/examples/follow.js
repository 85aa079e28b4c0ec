/** Calls `show` with a new Map of all there is, whenever it has changed. Returns what ends that. */
export function followState(channel, show) {
  const { unsubscribe } = channel.subscribe({
    onSync: (entries) => show(new Map(entries)),
    onChange: ({ entries }) => show(new Map(entries)),
  });
  return unsubscribe;
}

/** Calls `show` with the last publications, oldest first. Returns what ends that. */
export function followStream(channel, limit, show) {
  let known = [];
  const add = (publications) => {
    const byOffset = new Map([...known, ...publications].map((one) => [one.offset, one]));
    known = [...byOffset.values()].sort((a, b) => a.offset - b.offset).slice(-limit);
    show(known);
  };
  const load = async () => {
    await subscription.ready; // What is published from now on comes by itself.
    const { publications } = await channel.history({ limit, reverse: true });
    add(publications);
  };
  const subscription = channel.subscribe((publication) => add([publication]), {
    onGap: () => {
      known = [];
      load().catch(reportError);
    },
  });
  load().catch(reportError);
  return subscription.unsubscribe;
}
