/** Cameras and microphones, with a word for everything that can go wrong. */

import { here } from './browser';

/** Why there is no picture. */
export type CameraTrouble = 'denied' | 'in_use' | 'none' | 'in_app' | 'insecure' | 'unknown';

/** There is no picture. */
export class CameraError extends Error {
  constructor(readonly trouble: CameraTrouble) {
    super(`no camera: ${trouble}`);
    this.name = 'CameraError';
  }
}

const VOICE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * The best picture the rear camera gives (any camera where there is no rear one); no sound. A browser that takes no stills
 * beside the film is asked for a film fine enough to be the still.
 */
export function openDocumentCamera(): Promise<MediaStream> {
  const [width, height] = 'ImageCapture' in globalThis ? [1920, 1080] : [3840, 2160];
  return open({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: width }, height: { ideal: height } } });
}

/** A face at 720p with sound, for the call. */
export function openCallDevices(facing: 'user' | 'environment' = 'user'): Promise<MediaStream> {
  return open({ audio: VOICE, video: callVideo(facing) });
}

/** Only the sound for the call. */
export function openCallVoice(): Promise<MediaStream> {
  return open({ audio: VOICE, video: false });
}

/** What there is of a picture and a sound for the call: both, one of them, or an empty stream. */
export async function openWhatThereIs(facing: 'user' | 'environment'): Promise<MediaStream> {
  for (const attempt of [() => openCallDevices(facing), openCallVoice, () => openCallCamera(facing)]) {
    const stream = await attempt().catch(() => null);
    if (stream !== null) return stream;
  }
  return new MediaStream();
}

/** Only the picture for the call, of one camera. */
export function openCallCamera(facing: 'user' | 'environment'): Promise<MediaStream> {
  return open({ audio: false, video: callVideo(facing) });
}

/** Whether this camera has a lamp. */
export function hasTorch(track: MediaStreamTrack | undefined): boolean {
  return ((track?.getCapabilities?.() ?? {}) as { torch?: boolean }).torch === true;
}

/** Switches the lamp of a camera; whether it is on afterwards. */
export async function setTorch(track: MediaStreamTrack | undefined, on: boolean): Promise<boolean> {
  if (track === undefined || !hasTorch(track)) return false;
  return track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }).then(() => on, () => false);
}

/** Ends a stream; its lamp goes out. */
export function stop(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}

/** What a failure of `getUserMedia` means. Pure. */
export function troubleOf(name: string, place: { isSecure: boolean; hasDevices: boolean; isInApp: boolean }): CameraTrouble {
  if (!place.isSecure) return 'insecure';
  if (!place.hasDevices) return place.isInApp ? 'in_app' : 'unknown';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return place.isInApp ? 'in_app' : 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none';
    case 'NotReadableError':
    case 'AbortError':
      return 'in_use';
    default:
      return 'unknown';
  }
}

function callVideo(facing: 'user' | 'environment'): MediaTrackConstraints {
  return { facingMode: { ideal: facing }, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 } };
}

async function open(wanted: MediaStreamConstraints): Promise<MediaStream> {
  const place = { isSecure: isSecureContext, hasDevices: navigator.mediaDevices !== undefined, isInApp: here().app !== null };
  if (!place.isSecure || !place.hasDevices) throw new CameraError(troubleOf('', place));
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    throw new CameraError(troubleOf(error instanceof DOMException ? error.name : '', place));
  }
}
