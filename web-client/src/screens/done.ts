/** What happens next: under review or the result, the reference, what was kept. */
import { circleCheck, circleX, clock, hourglass, video } from '@visavis/shared/icons';
import type { ApplicationView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { fill, h, icon } from '../dom';
import { t, type Key } from '../words';

type End = 'review' | 'approved' | 'rejected' | 'expired';

const LOOKS: Readonly<Record<End, { icon: string; tone: string }>> = {
  review: { icon: hourglass, tone: 'accent' },
  approved: { icon: circleCheck, tone: 'positive' },
  rejected: { icon: circleX, tone: 'negative' },
  expired: { icon: clock, tone: 'caution' },
};

/** The end of the way. */
export function done(app: App): Screen {
  const body = h('div', { class: 'stack' });
  let shown = endOf(app.view);
  const draw = (view: ApplicationView | null): void => {
    const end = endOf(view);
    const look = LOOKS[end];
    fill(body,
      h('div', { class: `big-icon ${look.tone}` }, icon(look.icon)),
      h('p', { class: 'lead', role: 'status' }, t(`client.done.${end}.what` as Key)),
      h('dl', { class: 'card facts' },
        h('div', null, h('dt', null, t('client.done.reference')), h('dd', { class: 'tabular reference' }, view?.reference ?? '')),
        h('div', null, h('dt', null, t('client.done.next')), h('dd', null, t(`client.done.${end}.next` as Key)))),
      end !== 'expired' && h('p', { class: 'muted small privacy' }, icon(video), h('span', null, t('client.done.kept', { house: app.brand.name }))),
      end === 'expired' && h('a', { class: 'button primary wide', href: '/' }, t('client.link.begin')));
  };
  draw(app.view);
  return {
    title: t(`client.done.${shown}.title` as Key),
    body,
    update: (view) => {
      if (endOf(view) !== shown) void app.proceed(view);
      shown = endOf(view);
    },
  };
}

function endOf(view: ApplicationView | null): End {
  return view?.state === 'approved' || view?.state === 'rejected' || view?.state === 'expired' ? view.state : 'review';
}
