/** What echoes say about a way, and what the ways together say about a call. Pure. */
import type { MediaRoute, RouteResult } from '@visavis/shared/wire';

/** A message that was sent. */
export interface Echoed {
  number: number;
  sentAt: number;
}

/** The first part of an uplink measurement, in which the sender is still getting up to speed. */
const WARM_UP_MS = 600;

/** Median round trip, mean difference between neighbours, share lost. */
export function figuresOf(sent: readonly Echoed[], echoes: ReadonlyMap<number, number>): Pick<RouteResult, 'rtt_ms' | 'jitter_ms' | 'loss'> {
  const trips = sent.flatMap(({ number, sentAt }) => {
    const at = echoes.get(number);
    return at === undefined ? [] : [at - sentAt];
  });
  if (trips.length === 0) return { rtt_ms: null, jitter_ms: null, loss: sent.length === 0 ? null : 1 };
  const steps = trips.slice(1).map((trip, at) => Math.abs(trip - (trips[at] ?? trip)));
  return {
    rtt_ms: [...trips].sort((a, b) => a - b)[Math.floor(trips.length / 2)] ?? null,
    jitter_ms: steps.length === 0 ? 0 : steps.reduce((sum, step) => sum + step, 0) / steps.length,
    loss: 1 - trips.length / sent.length,
  };
}

/** Kilobits a second that came through once the sender was up to speed. */
export function uplinkOf(sent: readonly Echoed[], echoes: ReadonlyMap<number, number>, bytes: number): number | null {
  const start = sent[0]?.sentAt;
  if (start === undefined) return null;
  const back = sent.flatMap(({ number }) => echoes.get(number) ?? []).filter((at) => at >= start + WARM_UP_MS);
  if (back.length < 2) return back.length === 0 ? null : 0;
  const [first, last] = [Math.min(...back), Math.max(...back)];
  return last <= first ? null : ((back.length - 1) * bytes * 8) / (last - first);
}

/** How a call over these ways will be. `slow_way`: only over TCP or a relay. `none`: no way at all. */
export type Network = 'good' | 'fair' | 'poor' | 'slow_way' | 'none';

/** The way a call would take: straight before relayed, UDP before TCP. */
export function bestOf(routes: readonly RouteResult[]): RouteResult | null {
  const order: readonly MediaRoute[] = ['udp', 'relay', 'tcp'];
  return order.map((route) => routes.find((result) => result.route === route && result.is_open)).find((result) => result !== undefined) ?? null;
}

/** The ways in one word; the limits are those where people begin to notice in a call. */
export function networkOf(routes: readonly RouteResult[]): Network {
  const best = bestOf(routes);
  if (best === null) return 'none';
  const [rtt, loss, uplink] = [best.rtt_ms ?? 0, best.loss ?? 0, best.uplink_kbps ?? Infinity];
  if (rtt > 600 || loss > 0.08 || uplink < 300) return 'poor';
  if (rtt > 300 || loss > 0.03 || uplink < 800) return 'fair';
  return best.route === 'udp' ? 'good' : 'slow_way';
}
