/** You are not forgotten: position, range, and what you may do meanwhile. */
import { find, post } from '@visavis/shared/api';
import { bell, calendarDays, circleCheck, clock, phoneIncoming } from '@visavis/shared/icons';
import type { RingView, TicketView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { busy, button, fill, h, icon, type Child } from '../dom';
import { t, waitRange, words } from '../words';

const LOOK_EVERY_MS = 10_000;

/** The queue. */
export function waiting(app: App): Screen {
  const card = h('div', { class: 'card queue-card' }, h('p', { class: 'muted' }, t('client.loading')));
  const why = h('div');
  const actions = h('div', { class: 'actions row' });
  let ticket: TicketView | null = null;
  let said = '';
  let shown = '';
  const draw = (now: TicketView): void => {
    ticket = now;
    if (said !== headline(now)) app.shell.say(headline(now));
    said = headline(now);
    fill(card,
      h('p', { class: 'position tabular', 'aria-hidden': 'true' }, now.state === 'offered' ? icon(bell) : String(now.position)),
      h('h2', null, said),
      h('p', { class: 'tabular' }, outlook(now)));
    // What can be pressed is not drawn anew under the finger.
    const look = JSON.stringify([now.callback, now.instead, now.because, now.state]);
    if (look === shown) return;
    shown = look;
    fill(why, advice(now));
    fill(actions, ...ways(now));
  };
  const look = async (): Promise<void> => {
    const now = await find<TicketView>('/api/v1/ticket').catch(() => null);
    if (now !== null) draw(now);
    if (now === null || now.state === 'accepted' || now.state === 'abandoned') await app.refresh().catch(() => undefined);
  };
  const ring = async (): Promise<void> => {
    const ringing = await find<RingView>('/api/v1/ring').catch(() => null);
    if (ringing !== null) await app.shell.ring(ringing);
  };
  const change = (verb: string, body?: unknown): Promise<boolean> => app.attempt(async () => {
    if (ticket !== null) draw(await post<TicketView>(`/api/v1/tickets/${ticket.id}/${verb}`, body));
  });
  const ways = (now: TicketView): Child[] => {
    const leave: HTMLButtonElement = button(t('client.waiting.leave'), () => void busy(leave, async () => {
      if (await change('leave')) await app.proceed();
    }), 'quiet');
    const stay: HTMLButtonElement = button(t('client.callback.stay'), () => void busy(stay, () => change('stay')), 'wide');
    const offers = now.instead.map((way, at) => {
      const kind = now.because !== null && at === 0 ? 'primary wide' : 'wide';
      return way === 'slot'
        ? button([icon(calendarDays), t('client.waiting.slot')], () => void app.detour('change_slot'), kind)
        : button([icon(phoneIncoming), t('client.callback.open')], () => void openCallback(app, change), kind);
    });
    const mayStay = now.callback !== null && now.callback.way !== 'appointment' && now.state === 'waiting';
    return [mayStay && stay, ...offers, leave];
  };

  void look();
  void ring();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return {
    title: t('client.waiting.title'),
    body: h('div', { class: 'stack' }, card, why, actions),
    push: (push) => {
      if (push.type === 'ticket_changed') draw(push.ticket);
    },
    leave: () => clearInterval(timer),
  };
}

function headline(now: TicketView): string {
  if (now.state === 'offered') return t('client.waiting.offered');
  return now.position === 1 ? t('client.waiting.next') : t('client.waiting.position', { position: now.position });
}

function outlook(now: TicketView): string {
  if (now.state === 'offered') return t('client.waiting.moment');
  return now.is_staffed ? waitRange(now.wait_low_minutes, now.wait_high_minutes) : t('client.waiting.nobody');
}

function advice(now: TicketView): HTMLElement {
  const banner = (symbol: string, sentence: string, tone = ''): HTMLElement => h('div', { class: `banner ${tone}`.trim() }, icon(symbol), h('p', null, sentence));
  if (now.callback?.again_at) return banner(phoneIncoming, t('client.callback.again', { time: words.time(now.callback.again_at, { hour: '2-digit', minute: '2-digit' }) }), 'caution');
  if (now.callback !== null) return banner(phoneIncoming, t(`client.callback.set.${now.callback.way}`), 'positive');
  if (now.because !== null) return banner(clock, t(`client.waiting.${now.because}`), 'caution');
  return banner(circleCheck, t('client.waiting.stay'));
}

async function openCallback(app: App, change: (verb: string, body: unknown) => Promise<boolean>): Promise<void> {
  const { askCallback } = await import('../callback');
  askCallback(app, (body) => change('callback', body));
}
