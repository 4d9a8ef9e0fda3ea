/**
 * The customer's own camera and microphone in a call: opened, flipped, and brought back by themselves when something took
 * them (a phone call, another program, a pulled plug, the browser in the background).
 */
import { hasTorch, openCallCamera, openCallDevices, openCallVoice, openWhatThereIs, setTorch, stop } from './camera';

/** Which of the two. */
export type Device = 'audio' | 'video';

/** Which way the camera looks. */
export type Facing = 'user' | 'environment';

/** Who wants to know. */
export interface Owner {
  /** Another track is sent from now on. */
  changed(kind: Device, track: MediaStreamTrack): void;
  /** What is gone just now and could not be brought back; empty again when everything is there. */
  missing(kinds: readonly Device[]): void;
}

/** Camera and microphone of one call. */
export class OwnDevices {
  #stream: MediaStream | null = null;
  #facing: Facing = 'user';
  #isLit = false;
  readonly #missing = new Set<Device>();
  #mending: Promise<void> | null = null;

  constructor(private readonly owner: Owner) {
    navigator.mediaDevices?.addEventListener('devicechange', this.#try);
    document.addEventListener('visibilitychange', this.#try);
  }

  /** What is sent; null before {@link open} and after {@link close}. */
  get stream(): MediaStream | null {
    return this.#stream;
  }

  /** Which way the camera looks. */
  get facing(): Facing {
    return this.#facing;
  }

  /** Opens both, once; throws `CameraError`. `anyway`: what there is of them will do. */
  async open(anyway = false): Promise<MediaStream> {
    if (this.#stream === null) {
      this.#stream = await (anyway ? openWhatThereIs(this.#facing) : openCallDevices(this.#facing));
      this.#stream.getTracks().forEach((track) => this.#watch(track));
    }
    return this.#stream;
  }

  /** The lamp of the camera: whether there is one, whether it is on. */
  get lamp(): { has: boolean; on: boolean } {
    return { has: hasTorch(this.#stream?.getVideoTracks()[0]), on: this.#isLit };
  }

  /** Switches the lamp, where there is one. */
  async light(on: boolean): Promise<void> {
    this.#isLit = await setTorch(this.#stream?.getVideoTracks()[0], on);
  }

  /** The camera on the other side of the phone; throws `CameraError`. */
  async face(facing: Facing): Promise<void> {
    // Many phones open only one camera at a time.
    this.#stream?.getVideoTracks().forEach((track) => track.stop());
    this.#facing = facing;
    this.#isLit = false;
    const [track] = (await openCallCamera(facing)).getVideoTracks();
    if (track) this.#take('video', track);
  }

  /** Tries to bring back what is missing. */
  mend(): Promise<void> {
    this.#mending ??= this.#bringBack().finally(() => (this.#mending = null));
    return this.#mending;
  }

  /** Ends both; they can be opened again. */
  release(): void {
    stop(this.#stream);
    this.#stream = null;
    this.#missing.clear();
  }

  /** Ends both for good. */
  close(): void {
    navigator.mediaDevices?.removeEventListener('devicechange', this.#try);
    document.removeEventListener('visibilitychange', this.#try);
    this.release();
  }

  readonly #try = (): void => {
    if (this.#missing.size > 0 && document.visibilityState === 'visible') void this.mend();
  };

  #watch(track: MediaStreamTrack): void {
    // Only an end that is not our own is told.
    track.addEventListener('ended', () => {
      if (!(this.#stream?.getTracks().includes(track) ?? false)) return;
      this.#missing.add(track.kind as Device);
      void this.mend();
    });
  }

  async #bringBack(): Promise<void> {
    for (const kind of [...this.#missing]) {
      try {
        const stream = await (kind === 'video' ? openCallCamera(this.#facing) : openCallVoice());
        const [track] = stream.getTracks();
        if (track) this.#take(kind, track);
      } catch {
        // It stays missing; the person is told and may try again.
      }
    }
    if (this.#stream !== null) this.owner.missing([...this.#missing]);
  }

  #take(kind: Device, track: MediaStreamTrack): void {
    const stream = this.#stream;
    if (stream === null) return track.stop();
    const [old] = stream.getTracks().filter((other) => other.kind === kind);
    if (old) {
      track.enabled = old.enabled;
      stream.removeTrack(old);
      old.stop();
    }
    stream.addTrack(track);
    this.#missing.delete(kind);
    this.#watch(track);
    this.owner.changed(kind, track);
  }
}
