/** The photograph itself: the camera's own still where it gives a sound one, the picture on the screen otherwise. */
import { cells, greyOf, likeness, sharpness, type Grey } from './grey';

/** What decides between two pictures of the same moment. */
export interface Facts {
  width: number;
  height: number;
  sharpness: number;
  /** A few grey cells of the middle that both pictures show. */
  thumb: Grey;
}

const JPEG_QUALITY = 0.92;
const PHOTO_WITHIN_MS = 2_500;
/** The server takes 15 MB. */
const MOST_BYTES = 14 * 1024 * 1024;
const LOOKED_AT = 1000;
const LIKE = 0.5;

/** Takes the photograph; null when the camera has no picture at all. A still of the camera's own is waited for `within` ms. */
export async function takeStill(stream: MediaStream, video: HTMLVideoElement, within = PHOTO_WITHIN_MS): Promise<Blob | null> {
  if (video.videoWidth === 0) return null;
  const shown = canvasOf(video, video.videoWidth, video.videoHeight);
  const photo = await photoOf(stream, within);
  if (photo !== null && (await isBetter(photo, shown))) return photo;
  return new Promise((done) => shown.toBlob(done, 'image/jpeg', JPEG_QUALITY));
}

/**
 * Whether the camera's still is to be used: not smaller, not turned, not blurred, and of the same scene. Some phones hand
 * out a black picture, one lying on its side, or the one before.
 */
export function isSound(photo: Facts, shown: Facts): boolean {
  const isTurned = photo.width > photo.height !== shown.width > shown.height;
  return !isTurned && photo.width * photo.height >= shown.width * shown.height && photo.sharpness >= 0.5 * shown.sharpness && likeness(photo.thumb, shown.thumb) >= LIKE;
}

/** The middle of a picture in the proportions of another. */
export function middleOf(width: number, height: number, like: { width: number; height: number }): readonly [left: number, top: number, width: number, height: number] {
  const ratio = like.width / like.height;
  const [wide, high] = width / height > ratio ? [height * ratio, height] : [width, width / ratio];
  return [(width - wide) / 2, (height - high) / 2, wide, high];
}

async function photoOf(stream: MediaStream, within: number): Promise<Blob | null> {
  const [track] = stream.getVideoTracks();
  if (track === undefined || !('ImageCapture' in window)) return null;
  try {
    const late = new Promise<null>((done) => setTimeout(done, within, null));
    const photo = await Promise.race([new ImageCapture(track).takePhoto(), late]);
    return photo !== null && photo.size <= MOST_BYTES ? photo : null;
  } catch {
    return null;
  }
}

async function isBetter(photo: Blob, shown: HTMLCanvasElement): Promise<boolean> {
  try {
    const bitmap = await createImageBitmap(photo);
    const is = isSound(factsOf(bitmap, bitmap.width, bitmap.height, shown), factsOf(shown, shown.width, shown.height, shown));
    bitmap.close();
    return is;
  } catch {
    return false;
  }
}

function factsOf(picture: CanvasImageSource, width: number, height: number, like: { width: number; height: number }): Facts {
  const scale = Math.min(1, LOOKED_AT / Math.max(like.width, like.height));
  const grey = greyOf(pixelsOf(picture, middleOf(width, height, like), Math.round(like.width * scale), Math.round(like.height * scale)));
  return { width, height, sharpness: sharpness(grey), thumb: cells(grey, Math.max(8, Math.floor(Math.max(grey.width, grey.height) / 24))) };
}

function pixelsOf(picture: CanvasImageSource, [left, top, wide, high]: readonly [number, number, number, number], width: number, height: number): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  paint?.drawImage(picture, left, top, wide, high, 0, 0, width, height);
  return paint?.getImageData(0, 0, width, height) ?? new ImageData(width, height);
}

function canvasOf(video: HTMLVideoElement, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return canvas;
}
