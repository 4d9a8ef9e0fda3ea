/** Why the customer is asked to do something again. */
import { rotateCcw } from '@visavis/shared/icons';
import type { ApplicationView } from '@visavis/shared/wire';

import { h, icon } from '../dom';
import { t, words } from '../words';

/** A banner while the application is to be repeated; nothing otherwise. */
export function redoBanner(view: ApplicationView | null): HTMLElement | null {
  if (view === null || (view.state !== 'redo' && view.state !== 'confirmed') || view.outcome === null) return null;
  const why = words.maybe(`client.redo.${view.outcome}`);
  const item = view.redo_item === null ? null : (words.maybe(`client.redo_item.${view.redo_item}`) ?? words.maybe(`check.${view.redo_item}`));
  return h('div', { class: 'banner caution' }, icon(rotateCcw), h('div', null, h('strong', null, t('client.redo.title')), h('p', null, why ?? t('client.redo.other')), item !== null && h('p', null, t('client.redo.only', { item }))));
}
