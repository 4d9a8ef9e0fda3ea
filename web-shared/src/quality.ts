/** How a call looks from one end, out of what the browser counts. No DOM. */

/** How the call looks from here, over the last 2 s. */
export interface Quality {
  /** Round trip in ms. */
  rtt_ms: number;
  /** Share of packets lost on the way here, 0…1. */
  loss: number;
  /** Jitter in ms. */
  jitter_ms: number;
  /** Received video, kbit/s. */
  video_kbps: number;
  /** Share of packets of sound lost, 0…1. */
  audio_loss: number;
  /** How long sound waits before it is played, in ms. */
  playout_ms: number;
  /** Sent video, kbit/s. */
  sent_kbps: number;
  /** How often the picture stood still. */
  freezes: number;
  /** For how long, in ms. */
  frozen_ms: number;
}

/** What is counted since the start of a connection. */
export interface Totals {
  at: number;
  received: number;
  lost: number;
  videoBytes: number;
  jitterMs: number;
  rttMs: number;
  audioReceived: number;
  audioLost: number;
  /** Sum over played samples of how long each waited, in ms, and how many there were. */
  waitedMs: number;
  played: number;
  sentBytes: number;
  freezes: number;
  frozenMs: number;
}

/** A connection that has counted nothing yet. */
export const NOTHING: Totals = {
  at: 0, received: 0, lost: 0, videoBytes: 0, jitterMs: 0, rttMs: 0, audioReceived: 0, audioLost: 0, waitedMs: 0, played: 0, sentBytes: 0, freezes: 0, frozenMs: 0,
};

/** Reads what a browser counts; what it does not count stays zero. */
export function totals(stats: RTCStatsReport): Totals {
  const sum = { ...NOTHING };
  stats.forEach((entry) => {
    if (entry.type === 'inbound-rtp') {
      sum.at = Math.max(sum.at, entry.timestamp);
      sum.received += entry.packetsReceived ?? 0;
      sum.lost += entry.packetsLost ?? 0;
      sum.jitterMs = Math.max(sum.jitterMs, (entry.jitter ?? 0) * 1000);
      if (entry.kind === 'video') {
        sum.videoBytes += entry.bytesReceived ?? 0;
        sum.freezes += entry.freezeCount ?? 0;
        sum.frozenMs += (entry.totalFreezesDuration ?? 0) * 1000;
      } else {
        sum.audioReceived += entry.packetsReceived ?? 0;
        sum.audioLost += entry.packetsLost ?? 0;
        sum.waitedMs += (entry.jitterBufferDelay ?? 0) * 1000;
        sum.played += entry.jitterBufferEmittedCount ?? 0;
      }
    } else if (entry.type === 'outbound-rtp' && entry.kind === 'video') {
      sum.sentBytes += entry.bytesSent ?? 0;
    } else if (entry.type === 'candidate-pair' && entry.nominated && entry.currentRoundTripTime !== undefined) {
      sum.at = Math.max(sum.at, entry.timestamp);
      sum.rttMs = entry.currentRoundTripTime * 1000;
    }
  });
  return sum;
}

/** How it went between two counts; null when no time went by. Counts that start over count as none. */
export function between(before: Totals, after: Totals): Quality | null {
  const ms = after.at - before.at;
  if (ms <= 0) return null;
  const grown = (name: keyof Totals): number => Math.max(0, after[name] - before[name]);
  const share = (lost: number, received: number): number => (lost + received === 0 ? 0 : lost / (lost + received));
  const played = grown('played');
  return {
    rtt_ms: after.rttMs,
    loss: share(grown('lost'), grown('received')),
    jitter_ms: after.jitterMs,
    video_kbps: (grown('videoBytes') * 8) / ms,
    audio_loss: share(grown('audioLost'), grown('audioReceived')),
    playout_ms: played === 0 ? 0 : grown('waitedMs') / played,
    sent_kbps: (grown('sentBytes') * 8) / ms,
    freezes: grown('freezes'),
    frozen_ms: grown('frozenMs'),
  };
}

/** One word for a {@link Quality}; the limits are those where people begin to notice. */
export function verdict(quality: { rtt_ms: number; loss: number }): 'good' | 'fair' | 'poor' {
  if (quality.loss > 0.08 || quality.rtt_ms > 600) return 'poor';
  return quality.loss > 0.03 || quality.rtt_ms > 300 ? 'fair' : 'good';
}
