/** Working: progress in words, never a bare spinner; typing is offered at once and urged after ten seconds. */
import { find, post } from '@visavis/shared/api';
import { check, keyboard, scanLine } from '@visavis/shared/icons';
import type { ApplicationView, ReadingView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { busy, button, fill, h, icon } from '../dom';
import { t } from '../words';

const LOOK_EVERY_MS = 1_000;
const LONG_MS = 10_000;

/** The screen between the last photograph and the form. */
export function reading(app: App): Screen {
  const since = Date.now();
  const now = h('p', { class: 'lead', role: 'status' });
  const lines = h('ul', { class: 'card done-list' });
  const long = h('div', { class: 'banner', hidden: true }, icon(keyboard), h('p', null, t('client.reading.long')));
  const type: HTMLButtonElement = button([icon(keyboard), t('client.capture.type')], () => void busy(type, typeMyself));

  const typeMyself = (): Promise<boolean> => app.attempt(async () => app.proceed(await post<ApplicationView>('/api/v1/application/type-myself')));

  const draw = (view: ReadingView): void => {
    const seconds = (Date.now() - since) / 1000;
    now.textContent = view.sides_done >= view.sides_total && view.sides_total > 0 ? t('client.reading.comparing') : seconds < 3 ? t('client.reading.finding') : t('client.reading.letters');
    fill(lines,
      h('li', { class: 'past' }, icon(check), t('client.reading.received')),
      Array.from({ length: view.sides_total }, (_, at) =>
        h('li', { class: at < view.sides_done ? 'past' : at === view.sides_done ? 'now' : 'next' },
          icon(at < view.sides_done ? check : scanLine),
          t(view.sides_total === 1 ? 'client.reading.page' : at === 0 ? 'client.reading.front' : 'client.reading.back'))),
      h('li', { class: view.sides_done >= view.sides_total ? 'now' : 'next' }, icon(scanLine), t('client.reading.compare')));
    long.hidden = Date.now() - since < LONG_MS;
    type.classList.toggle('primary', !long.hidden);
  };

  const look = async (): Promise<void> => {
    const view = await find<ReadingView>('/api/v1/application/reading').catch(() => null);
    if (view === null) return;
    draw(view);
    if (view.state === 'done' || view.state === 'failed' || view.state === 'typed') await app.refresh();
  };

  draw(app.view?.reading ?? { state: 'running', sides_done: 0, sides_total: 0 });
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return {
    title: t('client.reading.title'),
    body: h('div', { class: 'stack' }, now, lines, long, type),
    update: (view) => draw(view.reading),
    leave: () => clearInterval(timer),
  };
}
