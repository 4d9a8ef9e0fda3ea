/** What the pose engine says of a picture. Pure: the order of numbers, poses and reasons is that of `crates/pose/src/wasm.rs`. */
import type { CheckKind } from '../wire';

/** What is measured in the picture. */
export type PoseKind = Extract<CheckKind, 'frontal' | 'left' | 'right' | 'up' | 'down'>;

export const POSES: readonly PoseKind[] = ['frontal', 'left', 'right', 'up', 'down'];

/** Whether the engine measures it. */
export function isMeasured(kind: CheckKind): kind is PoseKind {
  return (POSES as readonly CheckKind[]).includes(kind);
}

/** `Reason::CODES` of the judge. */
export const REASONS = [
  'not_seen', 'wrong_direction', 'too_early', 'too_late', 'jumped', 'repeated', 'not_returned', 'frozen', 'several_faces', 'face_changed', 'face_lost',
  'no_face', 'too_small', 'too_dark', 'too_sparse', 'not_calibrated', 'not_reached',
] as const;
export type MeasuredReason = (typeof REASONS)[number];

/** Degrees off the front from which a direction is entered, and below which it is the front. */
export const ENTER = 12;
export const FRONT = 8.5;

/** A check that is asked. */
export interface Ask {
  kind: PoseKind;
  atMs: number;
}

/** Degrees; yaw > 0 is the customer's own left, pitch > 0 is down. */
export interface Angles {
  yaw: number;
  pitch: number;
}

export interface Reading {
  atMs: number;
  faces: number;
  face: (Angles & { roll: number; score: number; width: number; luma: number }) | null;
  /** This person's own front, once it was seen. */
  front: Angles | null;
  /** How much of the hold is done, 0–1. */
  progress: number;
  /** The judge's word on the check that is asked, once. */
  outcome: { passed: boolean; reason: MeasuredReason | null; peak: number } | null;
}

export function readingOf(numbers: ArrayLike<number>, atMs: number): Reading {
  const n = (at: number): number => numbers[at] ?? 0;
  const reason = REASONS[n(13)] ?? 'not_seen';
  return {
    atMs,
    faces: n(0),
    face: n(1) === 0 ? null : { yaw: n(2), pitch: n(3), roll: n(4), score: n(5), width: n(6), luma: n(7) },
    front: n(8) === 0 ? null : { yaw: n(9), pitch: n(10) },
    progress: n(11),
    outcome: n(12) === 0 ? null : { passed: n(12) === 1, reason: n(12) === 1 ? null : reason, peak: n(14) },
  };
}

/** How far the head is off its front; off the camera's axis while the front is not known. */
export function off(reading: Reading): Angles | null {
  if (reading.face === null) return null;
  return { yaw: reading.face.yaw - (reading.front?.yaw ?? 0), pitch: reading.face.pitch - (reading.front?.pitch ?? 0) };
}

/** Which line of a trace a check is about, and the band it has to reach. */
export function target(kind: PoseKind): { axis: keyof Angles; from: number; to: number } {
  switch (kind) {
    case 'frontal':
      return { axis: 'yaw', from: -FRONT, to: FRONT };
    case 'left':
      return { axis: 'yaw', from: ENTER, to: 45 };
    case 'right':
      return { axis: 'yaw', from: -45, to: -ENTER };
    case 'down':
      return { axis: 'pitch', from: ENTER, to: 45 };
    case 'up':
      return { axis: 'pitch', from: -45, to: -ENTER };
  }
}
