import { useState } from 'preact/hooks';
import type { StaffView } from '@visavis/shared/wire';
import { brand } from '../state/brand';
import { secondsSince } from '../state/clock';
import { desk } from '../state/desk';
import { connection } from '../state/live';
import { room } from '../state/room';
import { hasRole, signOut } from '../state/session';
import { duration, t } from '../words';
import { LanguageSwitch } from './LanguageSwitch';
import { Icon, type IconName } from './parts/Icon';
import { Dialog } from './parts/Dialog';
import { Popover } from './parts/Popover';
import { PresenceMenu } from './PresenceMenu';

/** Own state, the queue, the connection, and oneself. */
export function TopBar(props: { staff: StaffView }) {
  return (
    <header class="topbar">
      {hasRole('agent') && <PresenceMenu />}
      {hasRole('agent') && <QueueDepth />}
      <span class="spacer" />
      <Connection />
      <PhoneCode />
      <LanguageSwitch short />
      <Myself staff={props.staff} />
    </header>
  );
}

function QueueDepth() {
  const view = desk.value;
  if (view === null) return null;
  const waits = view.oldest_since === null ? null : duration(secondsSince(view.oldest_since));
  return (
    <dl class="depth" aria-label={t('console.queue.title')}>
      <div>
        <dt>{t('console.queue.waiting')}</dt>
        <dd class="tabular">{view.waiting}</dd>
      </div>
      {waits !== null && view.waiting > 0 && (
        <div>
          <dt>{t('console.queue.oldest')}</dt>
          <dd class="tabular">{waits}</dd>
        </div>
      )}
      <div>
        <dt>{t('console.queue.ready')}</dt>
        <dd class="tabular">{view.ready_agents}</dd>
      </div>
    </dl>
  );
}

function Connection() {
  const state = connection.value;
  const icons: Record<typeof state, IconName> = { open: 'wifi', connecting: 'loader', lost: 'wifiOff', closed: 'wifiOff' };
  const tone = state === 'open' ? 'good' : state === 'connecting' ? 'plain' : 'bad';
  return (
    <span class={`connection connection-${tone}`} role="status">
      <Icon name={icons[state]} size={16} />
      {t(`console.connection.${state}`)}
    </span>
  );
}

function PhoneCode() {
  const house = brand.value;
  if (!house?.phone_url) return null;
  return (
    <Popover label={<Icon name="qrCode" />} name={t('console.phone.title')} isIcon className="button quiet icon-only" align="end">
      {() => (
        <div class="phone-code">
          <p>{t('console.phone.text')}</p>
          {house.phone_qr_svg && <img src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(house.phone_qr_svg)}`} alt={t('console.phone.alt')} width={200} height={200} />}
          <a href={house.phone_url ?? ''} target="_blank" rel="noreferrer">
            {house.phone_url}
          </a>
          <p class="small muted">{t('console.phone.certificate')}</p>
        </div>
      )}
    </Popover>
  );
}

function Myself(props: { staff: StaffView }) {
  const [asks, setAsks] = useState(false);
  const leave = (): void => {
    if (room.value) setAsks(true);
    else void signOut().catch(() => undefined);
  };
  return (
    <>
      <Popover
        name={`${props.staff.display_name}, ${t('console.me.account')}`}
        align="end"
        label={
          <>
            <Icon name="user" />
            <span class="me-name">{props.staff.display_name}</span>
            <span class="unseen">{t('console.me.account')}</span>
            <Icon name="chevronDown" size={14} />
          </>
        }
      >
        {(close) => (
          <div class="menu">
            <p class="menu-head">
              <strong>{props.staff.display_name}</strong>
              <span class="muted">{props.staff.roles.map((role) => t(`console.role.${role}`)).join(', ')}</span>
            </p>
            <button type="button" class="menu-item" onClick={() => (close(), leave())}>
              <Icon name="logOut" />
              {t('console.signout')}
            </button>
          </div>
        )}
      </Popover>
      {asks && (
        <Dialog title={t('console.signout.in_call')} onClose={() => setAsks(false)}>
          <p>{t('console.signout.in_call_text')}</p>
          <div class="row end">
            <button type="button" class="button" onClick={() => setAsks(false)}>
              {t('console.cancel')}
            </button>
            <button type="button" class="button danger" onClick={() => void signOut().catch(() => undefined)}>
              {t('console.signout')}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
