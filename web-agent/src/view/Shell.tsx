import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { StaffView } from '@visavis/shared/wire';
import { brand } from '../state/brand';
import { offer } from '../state/desk';
import { connection } from '../state/live';
import { room } from '../state/room';
import { hasRole } from '../state/session';
import { href, type Route } from '../rules/route';
import { go, route } from '../state/route';
import { t } from '../words';
import { Bookings } from './bookings/Bookings';
import { CallFloat } from './call/CallFloat';
import { Desk } from './desk/Desk';
import { OfferCard } from './desk/Offer';
import { FilePage } from './files/FilePage';
import { Files } from './files/Files';
import { Icon, type IconName } from './parts/Icon';
import { Empty, Notice } from './parts/Notice';
import { Risk } from './risk/Risk';
import { Team } from './team/Team';
import { TopBar } from './TopBar';

type Page = Exclude<Route['name'], 'file'>;
const PAGES: readonly { page: Page; icon: IconName; role: 'agent' | 'supervisor' | null }[] = [
  { page: 'desk', icon: 'headset', role: 'agent' },
  { page: 'bookings', icon: 'calendarDays', role: null },
  { page: 'files', icon: 'folder', role: null },
  { page: 'team', icon: 'users', role: 'supervisor' },
  { page: 'risk', icon: 'flag', role: 'supervisor' },
];

/** Rail, top bar and the page between them. */
export function Shell(props: { staff: StaffView }) {
  const here = route.value;
  const isAgent = hasRole('agent');
  const main = useRef<HTMLElement>(null);
  const page: Route['name'] = here.name === 'desk' && !isAgent ? 'files' : here.name;
  useEffect(() => {
    if (here.name === 'desk' && !isAgent) go({ name: 'files' }, true);
  }, [here.name, isAgent]);
  useEffect(() => {
    document.title = `${t(nameOf(page))} · ${brand.value?.name ?? 'Visavis'}`;
    if (document.activeElement === document.body || document.activeElement === null) main.current?.focus();
  }, [page]);
  return (
    <div class={`shell ${page === 'desk' && room.value ? 'shell-call' : ''}`}>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {t('console.skip')}
      </a>
      <Rail page={page} />
      <TopBar staff={props.staff} />
      <main id="main" class="page" tabIndex={-1} ref={main}>
        {connection.value === 'lost' && <Notice tone="caution">{t('console.connection.lost_text')}</Notice>}
        <PageOf page={page} id={here.name === 'file' ? here.id : ''} />
      </main>
      {room.value && page !== 'desk' && <CallFloat room={room.value} />}
      {offer.value && <OfferCard offer={offer.value} />}
    </div>
  );
}

function PageOf(props: { page: Route['name']; id: string }): ComponentChildren {
  switch (props.page) {
    case 'desk':
      return <Desk />;
    case 'bookings':
      return <Bookings />;
    case 'files':
      return <Files />;
    case 'team':
      return hasRole('supervisor') ? <Team /> : <NoPermission />;
    case 'risk':
      return hasRole('supervisor') ? <Risk /> : <NoPermission />;
    case 'file':
      return <FilePage key={props.id} id={props.id} />;
  }
}

/** Supervisors look for recordings under Files. */
export function nameOf(page: Route['name']): `console.page.${Route['name'] | 'recordings'}` {
  return page === 'files' && hasRole('supervisor') ? 'console.page.recordings' : `console.page.${page}`;
}

/** A page this person may not see. */
export function NoPermission() {
  return (
    <Empty icon="lock" title={t('console.forbidden.title')}>
      <p>{t('console.forbidden.text')}</p>
    </Empty>
  );
}

function Rail(props: { page: Route['name'] }) {
  const shown = props.page === 'file' ? 'files' : props.page;
  return (
    <nav class="rail" aria-label={t('console.rail')}>
      <span class="rail-mark" aria-hidden="true">
        <Icon name="scanFace" size={24} />
      </span>
      <ul>
        {PAGES.filter(({ role }) => role === null || hasRole(role)).map(({ page, icon }) => (
          <li key={page}>
            <a
              href={href({ name: page })}
              aria-current={shown === page ? 'page' : undefined}
              onClick={(event) => {
                event.preventDefault();
                go({ name: page });
              }}
            >
              <Icon name={icon} size={20} />
              <span>{t(nameOf(page))}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
