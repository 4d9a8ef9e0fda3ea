/** Why the customer is asked to do something again. */
import { rotateCcw } from '@visavis/shared/icons';
import type { ApplicationView } from '@visavis/shared/wire';

import { h, icon } from '../dom';
import { t, words } from '../words';

/** A banner while the application is to be repeated; nothing otherwise. */
export function redoBanner(view: ApplicationView | null): HTMLElement | null {
  if (view?.state !== 'redo') return null;
  const why = view.outcome === null ? null : words.maybe(`client.redo.${view.outcome}`);
  return h('div', { class: 'banner caution' }, icon(rotateCcw), h('div', null, h('strong', null, t('client.redo.title')), h('p', null, why ?? t('client.redo.other'))));
}
