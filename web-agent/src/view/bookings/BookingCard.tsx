import type { BookingRow } from '@visavis/shared/wire';
import { ring, ringing, ringOutcome, forgetOutcome, touched } from '../../state/bookings';
import { now } from '../../state/clock';
import { desk } from '../../state/desk';
import { hasRole } from '../../state/session';
import { language, languageName, t } from '../../words';
import { Badge, type Tone } from '../parts/Badge';
import { Icon, type IconName } from '../parts/Icon';
import { Failure, Notice } from '../parts/Notice';
import { Time } from '../parts/Time';

const LOOKS: Record<BookingRow['state'], [Tone, IconName]> = {
  booked: ['accent', 'calendarClock'],
  kept: ['positive', 'circleCheck'],
  cancelled: ['plain', 'ban'],
  missed: ['caution', 'phoneMissed'],
};

/** `in 5 minutes`, `12 minutes ago`; null when it is further than two hours away. */
function relative(startsAt: string): string | null {
  const minutes = Math.round((Date.parse(startsAt) - now.value) / 60_000);
  if (Math.abs(minutes) > 120) return null;
  return new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' }).format(minutes, 'minute');
}

/** One appointment with the button that rings its customer. */
export function BookingCard(props: { booking: BookingRow }) {
  const { booking } = props;
  const [tone, icon] = LOOKS[booking.state];
  const until = booking.state === 'booked' ? relative(booking.starts_at) : null;
  const outcome = ringOutcome.value?.bookingId === booking.id ? ringOutcome.value : null;
  return (
    <li class={`booking card ${touched.value.has(booking.id) ? 'is-touched' : ''} booking-${booking.state}`}>
      <div class="booking-when">
        <strong class="tabular">
          <Time at={booking.starts_at} form="time" />
        </strong>
        <span class="muted small">{t('console.booking.minutes', { count: booking.minutes })}</span>
      </div>
      <div class="booking-who">
        <strong>{booking.name ?? t('console.no_name')}</strong>
        <span class="muted small">
          <span class="tabular">{booking.reference}</span> · {languageName(booking.locale)}
        </span>
      </div>
      <div class="booking-state">
        <Badge tone={tone} icon={icon}>
          {t(`console.booking.${booking.state}`)}
        </Badge>
        {booking.state === 'booked' && (
          <Badge tone={booking.is_online ? 'positive' : 'plain'} icon={booking.is_online ? 'wifi' : 'wifiOff'}>
            {t(booking.is_online ? 'console.booking.online' : 'console.booking.away')}
          </Badge>
        )}
        {booking.is_in_line && (
          <Badge tone="accent" icon="users">
            {t('console.booking.in_line')}
          </Badge>
        )}
        {until !== null && <span class="muted small">{until}</span>}
      </div>
      {booking.state === 'booked' && hasRole('agent') && <CallNow booking={booking} />}
      {outcome !== null && (
        <div class="booking-outcome">
          {outcome.failure === null ? <Notice tone="caution">{t('console.ring.unanswered')}</Notice> : <Failure failure={outcome.failure} dismiss={forgetOutcome} />}
        </div>
      )}
    </li>
  );
}

function CallNow(props: { booking: BookingRow }) {
  const { booking } = props;
  const isRinging = ringing.value?.bookingId === booking.id;
  const presence = desk.value?.presence ?? 'offline';
  const isBound = ringing.value !== null || presence === 'in_call' || presence === 'offered';
  if (booking.is_in_line) return <span class="muted small">{t('console.booking.goes_to_next')}</span>;
  if (presence === 'offline') return <span class="muted small">{t('console.booking.offline')}</span>;
  return (
    <button
      type="button"
      class="button"
      disabled={isBound}
      aria-busy={isRinging}
      title={isBound ? t('console.booking.bound') : undefined}
      onClick={() => void ring(booking)}
    >
      <Icon name="phone" />
      {isRinging ? t('console.ring.ringing') : t('console.booking.call')}
      <span class="unseen">{booking.name ?? booking.reference}</span>
    </button>
  );
}
