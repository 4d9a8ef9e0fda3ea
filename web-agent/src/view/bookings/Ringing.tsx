import { ringing, stopRinging } from '../../state/bookings';
import { now } from '../../state/clock';
import { duration, t } from '../../words';
import { Icon } from '../parts/Icon';

/** The customer's page rings; the call begins by itself when it is answered. */
export function RingingPanel() {
  const current = ringing.value;
  if (current === null) return null;
  return (
    <section class="card ringing" role="status">
      <span class="ringing-icon">
        <Icon name="bell" size={24} />
      </span>
      <div>
        <strong>{t('console.ring.title', { name: current.booking?.name ?? current.booking?.reference ?? t('console.ring.customer') })}</strong>
        <p class="muted">{t(current.booking?.is_online === false ? 'console.ring.away' : 'console.ring.text')}</p>
      </div>
      <span class="tabular ringing-time">{duration(Math.max(0, now.value - current.since) / 1000)}</span>
      <button type="button" class="button" onClick={() => void stopRinging()}>
        <Icon name="phoneOff" />
        {t('console.ring.stop')}
      </button>
    </section>
  );
}
