/** Tries every way to the media server, then measures what the one a call would take carries. */
import { get } from '@visavis/shared/api';
import type { MediaRoute, RehearsalServers, RouteResult } from '@visavis/shared/wire';

import { bestOf } from './figures';
import { RouteTrial } from './route';

/** What was found of every way that exists here; `isGone` ends it early. */
export async function tryRoutes(isGone: () => boolean): Promise<RouteResult[]> {
  if (typeof RTCPeerConnection === 'undefined') return [];
  const servers = await get<RehearsalServers>('/api/v1/application/rehearsal').then(({ ice_servers }) => ice_servers, () => []);
  const wanted: readonly MediaRoute[] = servers.length === 0 ? ['udp', 'tcp'] : ['udp', 'tcp', 'relay'];
  const trials = new Map(wanted.map((route) => [route, new RouteTrial(route, servers)]));
  try {
    const results = await Promise.all([...trials.values()].map((trial) => trial.run()));
    const best = bestOf(results);
    if (best === null || isGone()) return results;
    const uplink = (await trials.get(best.route)?.uplink()) ?? null;
    return results.map((result) => (result === best ? { ...result, uplink_kbps: uplink } : result));
  } finally {
    trials.forEach((trial) => trial.close());
  }
}
