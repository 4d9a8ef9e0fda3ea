import { useEffect } from 'preact/hooks';
import { day, dayAfter, list, loadDay, localDay, ringing, showDay } from '../../state/bookings';
import { onOpen } from '../../state/live';
import { longDay, t } from '../../words';
import { Icon } from '../parts/Icon';
import { Empty, Failure, Loading } from '../parts/Notice';
import { BookingCard } from './BookingCard';
import { RingingPanel } from './Ringing';

/** The appointments of one day, changing by themselves. */
export function Bookings() {
  useEffect(() => {
    void loadDay();
    return onOpen(() => void loadDay(true));
  }, []);
  const shown = list.value;
  const [year = 0, month = 1, date = 1] = day.value.split('-').map(Number);
  return (
    <div class="bookings">
      <header class="page-head">
        <div>
          <h1>{t('console.page.bookings')}</h1>
          <p class="muted">
            {longDay(new Date(year, month - 1, date))} · {t('console.zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}
          </p>
        </div>
        <DaySwitch />
      </header>
      {ringing.value && <RingingPanel />}
      {shown.phase === 'loading' && <Loading lines={5} />}
      {shown.phase === 'failed' && <Failure failure={shown.failure} retry={() => void loadDay()} />}
      {shown.phase === 'ready' && shown.rows.length === 0 && (
        <Empty icon="calendarDays" title={t('console.bookings.none')}>
          <p>{t('console.bookings.none_text')}</p>
        </Empty>
      )}
      {shown.phase === 'ready' && shown.rows.length > 0 && (
        <ul class="booking-cards" aria-live="polite" aria-relevant="additions">
          {shown.rows.map((row) => (
            <BookingCard key={row.id} booking={row} />
          ))}
        </ul>
      )}
    </div>
  );
}

function DaySwitch() {
  const today = localDay(new Date());
  return (
    <div class="row" role="group" aria-label={t('console.bookings.day')}>
      <button type="button" class="button icon-only" aria-label={t('console.bookings.before')} title={t('console.bookings.before')} onClick={() => showDay(dayAfter(day.value, -1))}>
        <Icon name="chevronLeft" />
      </button>
      <input type="date" class="input date" aria-label={t('console.bookings.day')} value={day.value} onChange={(event) => event.currentTarget.value && showDay(event.currentTarget.value)} />
      <button type="button" class="button icon-only" aria-label={t('console.bookings.after')} title={t('console.bookings.after')} onClick={() => showDay(dayAfter(day.value, 1))}>
        <Icon name="chevronRight" />
      </button>
      <button type="button" class="button" disabled={day.value === today} onClick={() => showDay(today)}>
        {t('console.today')}
      </button>
    </div>
  );
}
