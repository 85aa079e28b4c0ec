/**
 * How long a phone's radio is on for a given traffic: the state machine of the radio's resource
 * control (RRC), replayed over the times of packets.
 *
 *     idle ──packet──▶ promotion ──▶ connected ──nothing for the tail──▶ idle
 *
 * Each packet begins the tail anew. All of the tail counts as on: the radio sleeps between the short
 * moments at which it listens (DRX), but draws many times what it draws when idle. What is idle
 * counts as off, although it listens for calls every second or so. Packets are taken at the times at
 * which they were measured: that a promotion would have delayed them is left out.
 */
export interface RadioModel {
  /** Milliseconds from idle until the first packet is on its way. */
  readonly promotionMs: number;
  /** Milliseconds without a packet until it is idle again. */
  readonly tailMs: number;
  /** Milliwatts drawn meanwhile; absent: not known. */
  readonly power?: { readonly promotion: number; readonly tail: number };
}

/**
 * LTE, as measured in a commercial network: J. Huang, F. Qian, A. Gerber, Z. M. Mao, S. Sen,
 * O. Spatscheck: A Close Examination of Performance and Power Characteristics of 4G LTE Networks,
 * MobiSys 2012: promotion 260.1 ms at 1,210.7 mW, tail 11,576.0 ms at a base of 1,060.0 mW.
 */
export const lte: RadioModel = {
  promotionMs: 260.1,
  tailMs: 11_576,
  power: { promotion: 1_210.7, tail: 1_060 },
};

/**
 * 5G NR, standalone in a low band, as measured in a commercial network: A. Narayanan and others: A
 * Variegated Look at 5G in the Wild: Performance, Power, and QoE Implications, SIGCOMM 2021:
 * promotion 341 ms, inactivity timer 10.4 s.
 */
export const nr: RadioModel = { promotionMs: 341, tailMs: 10_400 };

export interface RadioUse {
  /** Milliseconds, within the window. */
  readonly onMs: number;
  /** Times that it left idle. */
  readonly promotions: number;
  /** Milliwatts, over the whole window; null: the model has no power. */
  readonly meanPower: number | null;
}

/**
 * @param times of packets, in order, in milliseconds from the window's beginning; it is idle before.
 * @param windowMs what lies behind its end is cut off; above 0
 */
export function replay(
  model: RadioModel,
  times: readonly number[],
  windowMs: number,
): RadioUse {
  let promotions = 0;
  let promotionMs = 0;
  let tailMs = 0;
  /** Until when the radio is on, and since when what has not been counted yet. */
  let offAt = -Infinity;
  let countedTo = 0;
  const count = (to: number) => {
    tailMs += Math.max(0, Math.min(to, offAt, windowMs) - countedTo);
    countedTo = to;
  };
  for (const at of times) {
    if (at >= windowMs) break;
    if (at >= offAt) {
      count(at);
      promotions++;
      promotionMs += Math.min(model.promotionMs, windowMs - at);
      countedTo = at + model.promotionMs;
      offAt = countedTo + model.tailMs;
    } else {
      offAt = Math.max(offAt, at + model.tailMs);
    }
  }
  count(windowMs);
  const { power } = model;
  return {
    onMs: promotionMs + tailMs,
    promotions,
    meanPower: power === undefined
      ? null
      : (promotionMs * power.promotion + tailMs * power.tail) / windowMs,
  };
}
