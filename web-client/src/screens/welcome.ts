/** What will happen, how long it takes, what to have ready; and the two dead ends: a link that is over, a server that is away. */
import { post } from '@visavis/shared/api';
import { camera, clipboardCheck, clock, idCard, lock, refreshCw, video } from '@visavis/shared/icons';
import type { ApplicationView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { busy, button, h, icon } from '../dom';
import { wayOut } from '../in-app';
import { t, timeZone, words, type Key } from '../words';

const STEPS: readonly { icon: string; title: Key; time: Key }[] = [
  { icon: camera, title: 'client.welcome.photo', time: 'client.welcome.photo_time' },
  { icon: clipboardCheck, title: 'client.welcome.details', time: 'client.welcome.details_time' },
  { icon: video, title: 'client.welcome.call', time: 'client.welcome.call_time' },
];

/** The first screen. */
export function welcome(app: App): Screen {
  const house = app.brand.name;
  const start: HTMLButtonElement = button(t('client.welcome.start'), () => void busy(start, () => app.attempt(() => begin(app))), 'primary wide');
  return {
    title: t('client.welcome.title'),
    body: h('div', { class: 'stack' },
      wayOut(app),
      h('p', { class: 'lead' }, t('client.welcome.lead', { house })),
      h('ol', { class: 'card steps' }, STEPS.map((step) =>
        h('li', null, icon(step.icon), h('div', null, h('strong', null, t(step.title)), h('span', { class: 'muted small' }, t(step.time)))))),
      h('div', { class: 'ready' },
        h('h2', null, t('client.welcome.ready')),
        h('ul', null,
          h('li', null, icon(idCard), t('client.welcome.ready_document')),
          h('li', null, icon(camera), t('client.welcome.ready_place')),
          h('li', null, icon(clock), t('client.welcome.ready_time')))),
      start,
      h('p', { class: 'muted small privacy' }, icon(lock), h('span', null, t('client.welcome.privacy', { house })))),
  };
}

/** A resume link that is over. */
export function linkUnknown(): Screen {
  return {
    title: t('client.link.unknown'),
    body: h('div', { class: 'stack' },
      h('p', null, t('client.link.unknown_why')),
      h('a', { class: 'button primary wide', href: '/' }, t('client.link.begin'))),
  };
}

/** The server did not answer when the page opened. */
export function unreachable(): Screen {
  return {
    title: t('client.unreachable.title'),
    body: h('div', { class: 'stack' },
      h('p', null, t('client.unreachable.why')),
      button([icon(refreshCw), t('client.try_again')], () => location.reload(), 'primary wide')),
  };
}

async function begin(app: App): Promise<void> {
  const view = await post<ApplicationView>('/api/v1/applications', { locale: words.language, time_zone: timeZone() });
  await app.proceed(view);
}
