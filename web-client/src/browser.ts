/** Which browser this is, inside which app, and how to get out of one. Pure. */

/** A browser by the advice it needs. */
export type Browser = 'safari_ios' | 'chrome_ios' | 'chrome_android' | 'samsung' | 'firefox_android' | 'safari' | 'firefox' | 'edge' | 'chrome' | 'other';

/** An app that shows pages inside of itself. */
export type App = 'facebook' | 'messenger' | 'instagram' | 'zalo' | 'line' | 'wechat' | 'tiktok' | 'snapchat' | 'webview';

/** What is known about where the page is shown. */
export interface Place {
  browser: Browser;
  app: App | null;
  system: 'ios' | 'android' | 'desktop';
}

const APPS: readonly (readonly [App, RegExp])[] = [
  ['messenger', /FBAN\/Messenger|MessengerForiOS|\bOrca-Android\b/],
  ['instagram', /Instagram/],
  ['facebook', /FBAN|FBAV|FB_IAB/],
  ['zalo', /Zalo/i],
  ['line', /\bLine\//],
  ['wechat', /MicroMessenger/],
  ['tiktok', /TikTok|musical_ly|BytedanceWebview|trill_/i],
  ['snapchat', /Snapchat/],
];

/** Reads a user agent; `touches` tells an iPad that says it is a Mac. */
export function placeOf(agent: string, touches = 0): Place {
  const isIos = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touches > 1);
  const system = isIos ? 'ios' : /Android/.test(agent) ? 'android' : 'desktop';
  return { browser: browserOf(agent, system), app: appOf(agent, system), system };
}

function appOf(agent: string, system: Place['system']): App | null {
  const named = APPS.find(([, pattern]) => pattern.test(agent));
  if (named) return named[0];
  if (system === 'android' && /; wv\)/.test(agent)) return 'webview';
  // A page inside an app of iOS names WebKit and a phone, but no browser.
  return system === 'ios' && /Mobile\//.test(agent) && !/Safari\/|CriOS|FxiOS|EdgiOS/.test(agent) ? 'webview' : null;
}

function browserOf(agent: string, system: Place['system']): Browser {
  if (system === 'ios') return /CriOS/.test(agent) ? 'chrome_ios' : 'safari_ios';
  if (/SamsungBrowser/.test(agent)) return 'samsung';
  if (/Firefox/.test(agent)) return system === 'android' ? 'firefox_android' : 'firefox';
  if (system === 'android') return /Chrome\//.test(agent) ? 'chrome_android' : 'other';
  if (/Edg\//.test(agent)) return 'edge';
  if (/Chrome\//.test(agent)) return 'chrome';
  return /Safari\//.test(agent) ? 'safari' : 'other';
}

/** Where this page is shown. */
export function here(): Place {
  return placeOf(navigator.userAgent, navigator.maxTouchPoints);
}

/**
 * An address that Android opens in Chrome, or in the browser of the phone where there is no Chrome (an intent with a
 * fallback, as Chrome documents it); null for an address that is not on the web.
 */
export function intentOf(address: string): string | null {
  const [, scheme, rest] = /^(https?):\/\/(.+)$/.exec(address) ?? [];
  if (scheme === undefined || rest === undefined) return null;
  return `intent://${rest}#Intent;scheme=${scheme};package=com.android.chrome;S.browser_fallback_url=${encodeURIComponent(address)};end`;
}
