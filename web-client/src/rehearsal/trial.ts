/** Everything that is found out before a call, as it is found. No views. */
import { post } from '@visavis/shared/api';
import type { CameraState, LightState, MicrophoneState, Rehearsal, RouteResult } from '@visavis/shared/wire';

import { here } from '../browser';
import type { CameraTrouble } from '../camera';
import { greyOf } from '../guide/grey';
import { LevelMeter, type Heard } from '../level';
import { FaceFinder, type FaceSeen } from './face';
import { networkOf, type Network } from './figures';
import { tryRoutes } from './network';
import { HIGH, Sight, WIDE } from './sight';

const LOOK_EVERY_MS = 400;

/** What is known so far; null is not yet. */
export interface Found {
  camera: CameraState | null;
  light: LightState;
  face: FaceSeen;
  microphone: MicrophoneState;
  routes: RouteResult[] | null;
  network: Network | null;
}

/** What stands in the way of a good call, the worst first. */
export type Fault = 'camera' | 'microphone' | 'no_network' | 'network' | 'light' | 'face';

/** The faults of what was found. Pure. */
export function faultsOf(found: Found): Fault[] {
  const faults: Fault[] = [];
  if (found.camera !== null && found.camera !== 'good') faults.push('camera');
  if (found.microphone === 'missing' || found.microphone === 'silent') faults.push('microphone');
  if (found.network === 'none') faults.push('no_network');
  else if (found.network !== null && found.network !== 'good') faults.push('network');
  if (found.light !== 'good' && found.light !== 'unknown') faults.push('light');
  else if (found.face === 'unseen' && found.camera === 'good') faults.push('face');
  return faults;
}

/** One rehearsal. `loud` comes ten times a second, `news` when something changed. */
export class Trial {
  readonly found: Found = { camera: null, light: 'unknown', face: null, microphone: 'missing', routes: null, network: null };
  #meter: LevelMeter | null = null;
  #looking: ReturnType<typeof setInterval> | undefined;
  #gone = false;
  #picture: HTMLVideoElement | null = null;
  #finder: FaceFinder | null = null;

  constructor(private readonly tell: { loud(loud: number, heard: Heard): void; news(found: Found): void }) {
    void tryRoutes(() => this.#gone).then((routes) => {
      this.#learn({ routes, network: networkOf(routes) });
      this.#find();
    });
  }

  /** Looks for a face once the ways are measured, which the engine on its way here would make look worse; on a poor one it is left out. */
  #find(): void {
    this.#finder?.close();
    this.#finder = null;
    if (this.#gone || this.#picture === null || this.found.network !== 'good') return;
    this.#finder = new FaceFinder(this.#picture, (face) => {
      const isNews = (face === 'unseen') !== (this.found.face === 'unseen');
      this.found.face = face;
      if (isNews) this.#learn({});
    });
  }

  /** Looks at and listens to the own devices from now on. */
  watch(stream: MediaStream, picture: HTMLVideoElement): void {
    this.#meter?.close();
    clearInterval(this.#looking);
    this.found.microphone = stream.getAudioTracks().length === 0 ? 'missing' : this.found.microphone === 'heard' ? 'heard' : 'quiet';
    this.#meter = new LevelMeter(stream, (loud, heard) => {
      this.tell.loud(loud, heard);
      if (heard !== this.found.microphone) this.#learn({ microphone: heard });
    });
    this.#picture = picture;
    this.found.face = null;
    this.#find();
    const sight = new Sight();
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDE, height: HIGH });
    const paint = canvas.getContext('2d', { willReadFrequently: true });
    this.#looking = setInterval(() => {
      if (paint === null || picture.videoWidth === 0 || document.hidden) return;
      paint.drawImage(picture, 0, 0, WIDE, HIGH);
      const { camera, light } = sight.look(greyOf(paint.getImageData(0, 0, WIDE, HIGH)), lumaOf(this.found.face));
      if (camera !== this.found.camera || light !== this.found.light) this.#learn({ camera, light });
    }, LOOK_EVERY_MS);
  }

  /** There is no picture. */
  blind(trouble: CameraTrouble): void {
    const camera: CameraState = trouble === 'denied' || trouble === 'in_app' ? 'denied' : trouble === 'in_use' ? 'in_use' : trouble === 'none' ? 'missing' : 'failed';
    this.#picture = null;
    this.#find();
    this.#learn({ camera, light: 'unknown', face: null, microphone: 'missing' });
  }

  /** Tells the server what was found; a server that does not hear it holds nobody up. */
  async file(): Promise<void> {
    const { browser, app } = here();
    const { camera, light, microphone, routes } = this.found;
    // That no face was seen is advice for this page alone: the agent will see.
    const wentOn = faultsOf(this.found).some((fault) => fault !== 'face');
    const report: Rehearsal = { browser, in_app: app, camera: camera ?? 'failed', light, microphone, routes: routes ?? [], went_on: wentOn };
    await post('/api/v1/application/rehearsal', report).catch(() => undefined);
  }

  /** Ends everything that measures. */
  close(): void {
    this.#gone = true;
    this.#meter?.close();
    this.#finder?.close();
    clearInterval(this.#looking);
  }

  #learn(news: Partial<Found>): void {
    Object.assign(this.found, news);
    if (!this.#gone) this.tell.news(this.found);
  }
}

function lumaOf(face: FaceSeen): number | null {
  return face === null || face === 'unseen' ? null : face.luma;
}
