import type { Presence } from '@visavis/shared/wire';
import { secondsSince, secondsUntil } from '../state/clock';
import { BREAK_REASONS, desk, setPresence } from '../state/desk';
import { allowSound } from '../state/sound';
import { code, duration, t } from '../words';
import { Icon, type IconName } from './parts/Icon';
import { Popover } from './parts/Popover';

const LOOKS: Record<Presence, { icon: IconName; tone: string }> = {
  offline: { icon: 'circle', tone: 'plain' },
  ready: { icon: 'circleCheck', tone: 'positive' },
  offered: { icon: 'phoneIncoming', tone: 'accent' },
  in_call: { icon: 'video', tone: 'accent' },
  wrap_up: { icon: 'clipboardCheck', tone: 'caution' },
  break: { icon: 'pause', tone: 'caution' },
};

/** What the agent is doing, for how long, and what may be chosen instead. */
export function PresenceMenu() {
  const view = desk.value;
  if (view === null) return <span class="presence presence-plain">{t('console.loading')}</span>;
  const look = LOOKS[view.presence];
  const isBound = view.presence === 'in_call' || view.presence === 'offered';
  const time = view.presence === 'wrap_up' && view.wrap_up_until !== null ? duration(secondsUntil(view.wrap_up_until)) : duration(secondsSince(view.since));
  const word = view.ringing !== null && view.presence === 'offered' ? t('console.presence.ringing') : t(`console.presence.${view.presence}`);
  const reason = view.presence === 'break' && view.reason !== null ? code('break', view.reason) : null;
  const label = (
    <>
      <Icon name={look.icon} size={16} />
      <strong>{reason === null ? word : `${word}: ${reason}`}</strong>
      <span class="tabular">{time}</span>
      {!isBound && <Icon name="chevronDown" size={14} />}
      {!isBound && <span class="unseen">{t('console.presence.title')}</span>}
    </>
  );
  const choose = (presence: Presence, why: string | null, close: () => void): void => {
    close();
    void allowSound();
    void setPresence(presence, why);
  };
  return (
    <Popover label={label} name={t('console.presence.title')} className={`presence presence-${look.tone}`} disabled={isBound}>
      {(close) => (
        <div class="menu">
          <button type="button" class="menu-item" disabled={view.presence === 'ready'} onClick={() => choose('ready', null, close)}>
            <Icon name="circleCheck" />
            {t('console.presence.ready')}
          </button>
          <p class="menu-title">{t('console.presence.break')}</p>
          {BREAK_REASONS.map((why) => (
            <button key={why} type="button" class="menu-item" disabled={view.presence === 'break' && view.reason === why} onClick={() => choose('break', why, close)}>
              <Icon name="pause" />
              {code('break', why)}
            </button>
          ))}
          <hr />
          <button type="button" class="menu-item" disabled={view.presence === 'offline'} onClick={() => choose('offline', null, close)}>
            <Icon name="circle" />
            {t('console.presence.offline')}
          </button>
        </div>
      )}
    </Popover>
  );
}
