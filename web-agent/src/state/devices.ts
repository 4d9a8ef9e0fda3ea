/** The agent's own camera and microphone. */
import { signal } from '@preact/signals';

/** Why there is no camera or microphone. */
export type DeviceProblem = 'denied' | 'missing' | 'busy' | 'unsupported';

/** What could be had, and what could not. */
export interface Devices {
  stream: MediaStream;
  /** Set when the camera or everything is missing. */
  problem: DeviceProblem | null;
  hasCamera: boolean;
  hasMicrophone: boolean;
}

/** Cameras of this computer; their names are known once one was granted. */
export const cameras = signal<MediaDeviceInfo[]>([]);

const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25 } };
const VOICE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Opens camera and microphone; does with the microphone alone, and with nothing at all, rather than not calling. */
export async function openDevices(): Promise<Devices> {
  const wishes: MediaStreamConstraints[] = [{ video: PICTURE, audio: VOICE }, { audio: VOICE }, { video: PICTURE }];
  let problem: DeviceProblem | null = null;
  for (const wish of wishes) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wish);
      await listCameras();
      return { stream, problem, hasCamera: stream.getVideoTracks().length > 0, hasMicrophone: stream.getAudioTracks().length > 0 };
    } catch (failure) {
      problem ??= problemOf(failure);
    }
  }
  return { stream: new MediaStream(), problem, hasCamera: false, hasMicrophone: false };
}

/** Opens another camera by its id. */
export async function openCamera(deviceId: string): Promise<MediaStreamTrack | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { ...PICTURE, deviceId: { exact: deviceId } } });
  return stream.getVideoTracks()[0] ?? null;
}

async function listCameras(): Promise<void> {
  const all = await navigator.mediaDevices.enumerateDevices();
  cameras.value = all.filter((device) => device.kind === 'videoinput');
}

function problemOf(failure: unknown): DeviceProblem {
  const name = failure instanceof DOMException ? failure.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  return name === '' ? 'unsupported' : 'busy';
}
