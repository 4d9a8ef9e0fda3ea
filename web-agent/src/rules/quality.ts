/** The marks of how a call looked as bars of a small picture. Pure. */
import { verdict } from '@visavis/shared/quality';
import type { QualityMark } from '@visavis/shared/wire';

const MARK_MS = 10_000;

export type Level = 'good' | 'fair' | 'poor';

/** One word for ten seconds: the worse of the network, of what was heard, and of a picture that stood still. */
export function level(mark: Pick<QualityMark, 'rtt_ms' | 'loss' | 'mos' | 'frozen_ms'>): Level {
  const heard: Level = mark.mos === null || mark.mos >= 4 ? 'good' : mark.mos >= 3.1 ? 'fair' : 'poor';
  const seen: Level = mark.frozen_ms < 1_000 ? 'good' : mark.frozen_ms < 4_000 ? 'fair' : 'poor';
  const words: readonly Level[] = [verdict(mark), heard, seen];
  return words.includes('poor') ? 'poor' : words.includes('fair') ? 'fair' : 'good';
}

export interface Bar {
  mark: QualityMark;
  /** 0…1 of the length of the call. */
  from: number;
  width: number;
  /** 0…1. */
  height: number;
}

const HEIGHTS: Record<Level, number> = { good: 0.25, fair: 0.6, poor: 1 };

/** Bars over the time of the call; a stretch without a mark stays empty. */
export function linesOf(marks: readonly QualityMark[]): { bars: Bar[]; end: number } {
  const end = Math.max(MARK_MS, ...marks.map((mark) => mark.at_ms + MARK_MS));
  return { end, bars: marks.map((mark) => ({ mark, from: mark.at_ms / end, width: MARK_MS / end, height: HEIGHTS[level(mark)] })) };
}
