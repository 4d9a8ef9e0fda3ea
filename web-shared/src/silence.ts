/**
 * Notices within a second that the way to the server is dead, long before the browser does (it takes 3 s to look for another
 * way, 5 to say so). Pure.
 *
 * Who sends pictures and sound hears of it from the server many times a second, whether the other end is there or not. So a way
 * is dead when much was sent and nothing at all came back. A page that stood still itself is no sign: packets are counted, not
 * moments.
 */

/** What went over a way since it was made. */
export interface Traffic {
  received: number;
  sent: number;
}

/** So long must nothing come. Bad networks hold packets back for less. */
const SILENT_MS = 600;
/** So many packets must have been sent meanwhile. */
const SENT = 10;

/** Listens to one way after another. */
export class Silence {
  #heardAt: number | null = null;
  #before: Traffic | null = null;

  /** Something came. */
  heard(at: number): void {
    this.#heardAt = at;
    this.#before = null;
  }

  /** What is counted now, to be told whenever nothing was heard otherwise; true once when the way is dead. */
  look(now: Traffic, at: number): boolean {
    const before = this.#before;
    if (before === null || now.received !== before.received) {
      if (before !== null) this.#heardAt = at;
      this.#before = now;
      return false;
    }
    const isDead = this.#heardAt !== null && at - this.#heardAt >= SILENT_MS && now.sent - before.sent >= SENT;
    // Said once: only what is heard again can fall silent again.
    if (isDead) this.#heardAt = null;
    return isDead;
  }
}

/** What the transport of a connection counted; null where a browser does not. */
export function traffic(stats: RTCStatsReport): Traffic | null {
  let found: Traffic | null = null;
  stats.forEach(({ type, packetsReceived, packetsSent }) => {
    if (type === 'transport' && packetsReceived !== undefined && packetsSent !== undefined) found = { received: packetsReceived, sent: packetsSent };
  });
  return found;
}
