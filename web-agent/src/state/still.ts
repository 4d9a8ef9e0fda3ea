/** A picture of what this console receives right now. */

const QUALITY = 0.92;
/** The server takes stills of up to 2 MB. */
const LIMIT = 2_000_000;

/** A JPEG of the frame a video element shows, at its full size; null when it shows nothing yet. */
export async function takeStill(video: HTMLVideoElement | null): Promise<Blob | null> {
  if (video === null || video.videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const fine = await jpeg(canvas, QUALITY);
  return fine !== null && fine.size <= LIMIT ? fine : jpeg(canvas, 0.7);
}

function jpeg(canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> {
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
}
