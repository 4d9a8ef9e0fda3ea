import { secondsUntil } from '../../state/clock';
import { desk } from '../../state/desk';
import { duration, t } from '../../words';
import { Icon } from '../parts/Icon';

/** A customer of the line who is called back: rings on every page of the customer; the call begins by itself when it is answered. */
export function CallingBack() {
  const ring = desk.value?.ringing ?? null;
  if (ring === null || ring.booking_id !== null) return null;
  return (
    <section class="card ringing" role="status">
      <span class="ringing-icon">
        <Icon name="bell" size={24} />
      </span>
      <div>
        <strong>{t('console.ring.back_title', { name: ring.name ?? t('console.ring.customer') })}</strong>
        <p class="muted">{t('console.ring.back_text')}</p>
      </div>
      <span class="tabular ringing-time" role="timer">
        {duration(secondsUntil(ring.expires_at))}
      </span>
    </section>
  );
}
