/** Hold it here: the camera fills the screen, one hint at a time, then the photograph with “use” or “again” and why. */
import './capture.css';

import { ApiError, post } from '@visavis/shared/api';
import type { ApplicationView, CaptureView, Side } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { CameraError, openDocumentCamera, stop } from '../camera';
import { h } from '../dom';
import { cameraTrouble } from '../trouble';
import { t } from '../words';
import { review } from './capture-review';
import { Viewfinder } from './viewfinder';

/** The side with the portrait. */
export const captureFront = (app: App): Screen => capture(app, 'front');
/** The other side. */
export const captureBack = (app: App): Screen => capture(app, 'back');

function capture(app: App, side: Side): Screen {
  const body = h('div', { class: 'capture' });
  const title = titleOf(app, side);
  let stream: MediaStream | null = null;
  let finder: Viewfinder | null = null;
  let gone = false;
  const screen: Screen = { title, body, full: true, leave };

  function leave(): void {
    gone = true;
    screen.holds = false;
    put(null);
    stop(stream);
  }

  function put(content: HTMLElement | null): void {
    finder?.close();
    finder = null;
    body.replaceChildren(...(content === null ? [] : [content]));
    body.querySelector<HTMLElement>('h1')?.focus();
  }

  /** Opens the camera. Who takes it again is not moved on by what the server made of the picture before. */
  async function aim(isAgain = false): Promise<void> {
    screen.holds = isAgain;
    if (gone) return;
    try {
      if (stream === null || !stream.active) stream = await openDocumentCamera();
    } catch (error) {
      if (!gone) put(cameraTrouble(error instanceof CameraError ? error.trouble : 'unknown', { again: () => void aim(), instead: { words: t('client.capture.type'), go: typeMyself }, app }));
      return;
    }
    if (gone) {
      stop(stream);
      return;
    }
    put(null);
    finder = new Viewfinder(stream, {
      title,
      kind: app.view?.document_kind ?? 'citizen_card',
      side,
      shoot: (picture) => void judge(picture),
      type: () => void typeMyself(),
      other: () => void app.detour('document'),
      say: (sentence) => app.shell.say(sentence),
    });
    body.append(finder.element);
    body.querySelector<HTMLElement>('h1')?.focus();
  }

  async function judge(picture: Blob): Promise<void> {
    screen.holds = true;
    const shown = review(app, side, picture, {
      use: () => void app.attempt(() => app.proceed()),
      again: () => void aim(true),
      retry: () => void judge(picture),
      type: () => void typeMyself(),
      other: () => void app.detour('document'),
    });
    put(shown.element);
    try {
      const verdict = await post<CaptureView>(`/api/v1/application/captures/${side}`, picture);
      if (!gone) shown.verdict(verdict);
    } catch (error) {
      if (gone) return;
      if (error instanceof ApiError && error.status === 409) await app.proceed();
      else shown.failed(error);
    }
  }

  async function typeMyself(): Promise<void> {
    await app.attempt(async () => app.proceed(await post<ApplicationView>('/api/v1/application/type-myself')));
  }

  void aim();
  return screen;
}

function titleOf(app: App, side: Side): string {
  if (app.view?.document_kind === 'passport') return t('client.capture.title_passport');
  return side === 'front' ? t('client.capture.title_front') : t('client.capture.title_back');
}
