import { upcoming } from '../../state/bookings';
import { href } from '../../rules/route';
import { t } from '../../words';
import { Empty, Loading } from '../parts/Notice';
import { BookingCard } from '../bookings/BookingCard';

const SHOWN = 6;

/** Today's appointments still to come. */
export function NextBookings() {
  const rows = upcoming.value;
  return (
    <section class="next" aria-labelledby="next-title">
      <header class="section-head">
        <h2 id="next-title">{t('console.next.title')}</h2>
        <a href={href({ name: 'bookings' })}>{t('console.next.all')}</a>
      </header>
      {rows === null && <Loading lines={3} />}
      {rows?.length === 0 && <Empty icon="calendarDays" title={t('console.next.none')} />}
      {rows !== null && rows.length > 0 && (
        <ul class="booking-cards">
          {rows.slice(0, SHOWN).map((row) => (
            <BookingCard key={row.id} booking={row} />
          ))}
        </ul>
      )}
      {rows !== null && rows.length > SHOWN && <p class="muted small">{t('console.next.more', { count: rows.length - SHOWN })}</p>}
    </section>
  );
}
