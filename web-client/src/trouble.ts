/** No camera: what happened, what to do, and a way out. */
import { cameraOff, link, refreshCw } from '@visavis/shared/icons';

import type { App } from './app';
import type { CameraTrouble } from './camera';
import { here } from './browser';
import { button, h, icon } from './dom';
import { words, t } from './words';

/** Ways on. */
export interface Ways {
  app: App;
  again(): void;
  instead?: { words: string; go(): void };
}

/** A card for a trouble. */
export function cameraTrouble(trouble: CameraTrouble, ways: Ways): HTMLElement {
  const { instead } = ways;
  return h('div', { class: 'trouble-card card stack' },
    h('div', { class: 'big-icon caution' }, icon(cameraOff)),
    h('h1', { tabindex: '-1' }, t(`client.camera.${trouble}`)),
    h('p', null, adviceOf(trouble)),
    h('div', { class: 'actions' },
      button([icon(refreshCw), t('client.try_again')], ways.again, 'primary'),
      instead !== undefined && button(instead.words, instead.go),
      ways.app.view !== null && button([icon(link), t('client.resume.other_phone')], () => void ways.app.shell.offerLink(), 'quiet')));
}

/** What to do, in the words of this very browser where they differ. */
function adviceOf(trouble: CameraTrouble): string {
  const { browser, system } = here();
  const own = trouble === 'denied' ? browser : trouble === 'in_use' ? (system === 'desktop' ? 'desktop' : 'phone') : '';
  return words.maybe(`client.camera.${trouble}.advice.${own}`) ?? t(`client.camera.${trouble}.advice`);
}
