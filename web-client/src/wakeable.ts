/** Lets the browser be woken for a call while the page is closed: permission, subscription, and the server told of it. */
import { get, post } from '@visavis/shared/api';
import { bell } from '@visavis/shared/icons';
import type { PushKeyView, Subscribe } from '@visavis/shared/wire';

import type { App } from './app';
import { busy, button, h, icon } from './dom';
import { t } from './words';

/** Whether this browser can be woken at all, and what was said about it. */
export function wakeState(): 'impossible' | 'ask' | 'allowed' | 'refused' {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return 'impossible';
  if (Notification.permission === 'denied') return 'refused';
  return Notification.permission === 'granted' ? 'allowed' : 'ask';
}

/** Asks for permission, where it is not given, and subscribes; whether the browser will be woken. Call it from a press. */
export async function wakeMe(): Promise<boolean> {
  if (wakeState() === 'impossible') return false;
  const { public_key: key } = await get<PushKeyView>('/api/v1/push');
  if (key === null || (await Notification.requestPermission()) !== 'granted') return false;
  const worker = await navigator.serviceWorker.register('/sw.js');
  await navigator.serviceWorker.ready;
  const before = await worker.pushManager.getSubscription();
  if (before !== null && !isOf(before, key)) await before.unsubscribe();
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
  const { endpoint, keys } = subscription.toJSON();
  if (endpoint === undefined || keys?.['p256dh'] === undefined || keys['auth'] === undefined) return false;
  await post('/api/v1/push/subscriptions', { endpoint, p256dh: keys['p256dh'], auth: keys['auth'] } satisfies Subscribe);
  return true;
}

/** Offers to be rung while the page is closed; nothing where the browser cannot be woken or was asked before. */
export function wakeOffer(app: App): HTMLElement | null {
  if (wakeState() !== 'ask') return null;
  const box = h('div');
  const allow: HTMLButtonElement = button([icon(bell), t('client.wake.offer')], () => void busy(allow, () => app.attempt(async () => {
    box.replaceChildren(h('p', { class: 'muted small', role: 'status' }, t((await wakeMe()) ? 'client.wake.done' : 'client.wake.refused')));
  })), 'wide');
  box.append(allow);
  return box;
}

/** Whether a subscription was made for this key of the server. */
function isOf(subscription: PushSubscription, key: string): boolean {
  const of = subscription.options.applicationServerKey;
  if (of === null) return true;
  const [mine, theirs] = [new Uint8Array(of), bytesOf(key)];
  return mine.length === theirs.length && mine.every((byte, at) => byte === theirs[at]);
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}
