/**
 * Two layers of the own picture: a large one, and a small one beside it while the other end's way is too narrow for the large
 * one. The recording has the large one as long as it comes. No DOM.
 *
 * The server asks for the small one on a data channel (`engine/sfu/layers.rs` has the same names); until then it costs nothing.
 */

/** Restriction ids. */
const FULL = 'f';
const SMALL = 's';
/** Label of the data channel. */
const CHANNEL = 'layers';
const SMALL_BPS = 150_000;
const SMALL_FPS = 15;
/** The shorter side of the small picture at least: a face must still be seen. */
const SMALL_SIDE = 240;

/** Whether this browser can send two layers well: tried in Chromium alone, others send one. */
function isLayered(): boolean {
  const { userAgentData } = globalThis.navigator as { userAgentData?: { brands: { brand: string }[] } };
  return userAgentData?.brands.some(({ brand }) => brand === 'Chromium') ?? false;
}

/** By how much the small picture is smaller. */
function smaller(picture: MediaStreamTrack | null): number {
  const { width = 640, height = 480 } = picture?.getSettings() ?? {};
  return Math.max(1, Math.min(4, Math.min(width, height) / SMALL_SIDE));
}

/** How to send the own picture, `full` of it and, asleep, a small one. */
export function layersOf(picture: MediaStreamTrack | null, full: RTCRtpEncodingParameters): RTCRtpEncodingParameters[] {
  if (!isLayered()) return [full];
  // With two layers Chromium would divide each into three in time as well. Nobody here takes one of those apart: they only cost sharpness.
  const each = { ...full, scalabilityMode: 'L1T1' };
  const small = { ...each, rid: SMALL, active: false, maxBitrate: SMALL_BPS, maxFramerate: SMALL_FPS, scaleResolutionDownBy: smaller(picture) };
  return [small, { ...each, rid: FULL, scaleResolutionDownBy: 1 }];
}

/** Lets the server say whether the small layer is needed. */
export function tellsLayers(peer: RTCPeerConnection, sender: RTCRtpSender): void {
  if (!isLayered()) return;
  const channel = peer.createDataChannel(CHANNEL);
  let turn = Promise.resolve();
  channel.onmessage = ({ data }) => {
    // One after the other: the last word counts.
    turn = turn.then(() => wake(sender, data === 'small')).catch(() => undefined);
  };
}

async function wake(sender: RTCRtpSender, active: boolean): Promise<void> {
  const parameters = sender.getParameters();
  const small = parameters.encodings.find(({ rid }) => rid === SMALL);
  if (!small || small.active === active) return;
  small.active = active;
  small.scaleResolutionDownBy = smaller(sender.track);
  await sender.setParameters(parameters);
}
