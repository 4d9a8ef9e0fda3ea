/** The page is shown inside another app: the way out of it, to the same place. */
import { copy, globe } from '@visavis/shared/icons';

import type { App } from './app';
import { here, intentOf, type App as Host } from './browser';
import { button, h, icon } from './dom';
import { t } from './words';

const NAMES: Readonly<Record<Exclude<Host, 'webview'>, string>> = {
  facebook: 'Facebook', messenger: 'Messenger', instagram: 'Instagram', zalo: 'Zalo', line: 'LINE', wechat: 'WeChat', tiktok: 'TikTok', snapchat: 'Snapchat',
};

/** A card that leads out of the app; null where the page is in a browser of its own. */
export function wayOut(app: App): HTMLElement | null {
  const place = here();
  if (place.app === null) return null;
  const said = h('p', { class: 'small', role: 'status' });
  const title = place.app === 'webview' ? t('client.inapp.title_webview') : t('client.inapp.title', { app: NAMES[place.app] });
  const leave = async (): Promise<void> => {
    const address = await app.shell.addressElsewhere();
    if (address === null) return;
    const intent = place.system === 'android' ? intentOf(address) : null;
    if (intent !== null) {
      location.href = intent;
      return;
    }
    try {
      await navigator.clipboard.writeText(address);
      said.textContent = t('client.inapp.copied');
    } catch {
      const { openResumeLink } = await import('./resume-link');
      openResumeLink(address);
    }
  };
  return h('div', { class: 'banner caution way-out' }, icon(globe),
    h('div', { class: 'stack tight' },
      h('p', null, h('strong', null, title)),
      h('p', null, t('client.inapp.why')),
      button(place.system === 'android' ? t('client.inapp.open') : [icon(copy), t('client.inapp.copy')], leave, 'primary'),
      h('p', { class: 'small' }, t('client.inapp.menu')),
      said));
}
