import { useEffect, useRef } from 'preact/hooks';
import type { OfferView } from '@visavis/shared/wire';
import { now, secondsUntil } from '../../state/clock';
import { accept, decline, DECLINE_REASONS, isAnswering } from '../../state/desk';
import { go } from '../../state/route';
import { allowSound, isSilenced } from '../../state/sound';
import { code, duration, languageName, t } from '../../words';
import { Badge } from '../parts/Badge';
import { Icon } from '../parts/Icon';
import { Popover } from '../parts/Popover';

/** A waiting customer on this agent's desk: over every page, with sound and title, until it is answered or gone. */
export function OfferCard(props: { offer: OfferView }) {
  const { offer } = props;
  const button = useRef<HTMLButtonElement>(null);
  const whole = useRef(Math.max(1, secondsUntil(offer.expires_at)));
  const left = secondsUntil(offer.expires_at);
  const name = offer.name ?? t('console.no_name');
  useTitleFlash(t('console.offer.flash', { name }));
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    button.current?.focus();
    return () => before?.focus();
  }, [offer.ticket_id, offer.epoch]);
  const take = (): void => {
    go({ name: 'desk' });
    void accept();
  };
  return (
    <div class="offer-veil">
      <section class="offer" role="alertdialog" aria-modal="true" aria-labelledby="offer-title" aria-describedby="offer-facts" onKeyDown={trapTab}>
        <p class="offer-kicker">
          <Icon name="phoneIncoming" size={20} />
          {t(offer.booking_id !== null ? 'console.offer.booked' : offer.is_callback ? 'console.offer.callback' : 'console.offer.title')}
        </p>
        <h2 id="offer-title">{name}</h2>
        <p id="offer-facts" class="offer-facts">
          {offer.document_kind !== null && <Badge tone="plain" icon="idCard">{code('card', offer.document_kind)}</Badge>}
          <Badge tone="plain" icon="globe">
            {languageName(offer.locale)}
          </Badge>
          <Badge tone="plain" icon="clock">
            {t('console.offer.waited', { time: duration(offer.waited_seconds) })}
          </Badge>
          {offer.rung_before > 0 && (
            <Badge tone="caution" icon="bell">
              {t('console.offer.rung_before', { count: offer.rung_before })}
            </Badge>
          )}
          {offer.is_returning && (
            <Badge tone="caution" icon="rotateCcw">
              {t('console.offer.returning')}
            </Badge>
          )}
        </p>
        <Countdown left={left} whole={whole.current} />
        <div class="offer-actions">
          <button type="button" class="button primary large" ref={button} aria-busy={isAnswering.value} disabled={isAnswering.value} onClick={take}>
            <Icon name={offer.is_callback ? 'bell' : 'video'} size={20} />
            {t(offer.is_callback ? 'console.offer.ring' : 'console.offer.accept')}
            <kbd>Enter</kbd>
          </button>
          <Popover
            name={t('console.offer.decline')}
            className="button large"
            align="end"
            disabled={isAnswering.value}
            label={
              <>
                {t('console.offer.decline')}
                <Icon name="chevronDown" size={16} />
              </>
            }
          >
            {(close) => (
              <div class="menu">
                {DECLINE_REASONS.map((reason) => (
                  <button key={reason} type="button" class="menu-item" onClick={() => (close(), void decline(reason))}>
                    {code('decline', reason)}
                  </button>
                ))}
              </div>
            )}
          </Popover>
        </div>
        {isSilenced.value && (
          <button type="button" class="button quiet" onClick={() => void allowSound()}>
            <Icon name="bellOff" />
            {t('console.offer.silenced')}
          </button>
        )}
      </section>
    </div>
  );
}

function Countdown(props: { left: number; whole: number }) {
  return (
    <div class="countdown">
      <div class="countdown-bar" aria-hidden="true">
        <span
          ref={(bar) => {
            if (bar) bar.style.transform = `scaleX(${Math.min(1, props.left / props.whole)})`;
          }}
        />
      </div>
      <p class="tabular" role="timer">
        {t('console.offer.left', { count: props.left })}
      </p>
    </div>
  );
}

/** Says it in the tab, too, as long as the card is there. */
function useTitleFlash(text: string): void {
  const usual = useRef(document.title);
  const isOdd = Math.floor(now.value / 1000) % 2 === 1;
  useEffect(() => {
    document.title = isOdd ? `● ${text}` : usual.current;
  }, [isOdd, text]);
  useEffect(
    () => () => {
      document.title = usual.current;
    },
    [],
  );
}

function trapTab(event: KeyboardEvent): void {
  if (event.key !== 'Tab') return;
  const inside = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('button:not(:disabled)')];
  const [first, last] = [inside[0], inside.at(-1)];
  const goes = event.shiftKey ? first : last;
  if (document.activeElement !== goes) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}
