import { clearFilters, filters, isNarrowed, narrow } from '../../state/files';
import { dayAfter, localDay } from '../../state/bookings';
import { hasRole } from '../../state/session';
import { shortDay, t } from '../../words';
import { Icon } from '../parts/Icon';
import { Popover } from '../parts/Popover';

const OUTCOMES = ['approved', 'rejected', 'redo', 'called', 'second_person'] as const;

/** What narrows the list; each chip says what it does and can be taken away. */
export function FilterChips() {
  const now = filters.value;
  return (
    <div class="filters" role="group" aria-label={t('console.filters.title')}>
      {OUTCOMES.map((outcome) => (
        <button key={outcome} type="button" class="chip" aria-pressed={now.outcome === outcome} onClick={() => narrow({ outcome: now.outcome === outcome ? '' : outcome })}>
          {outcome === 'second_person' ? t('console.second.waits') : t(`state.${outcome}`)}
        </button>
      ))}
      <span class="filters-line" aria-hidden="true" />
      <DateRange />
      {hasRole('supervisor') && (
        <label class="chip chip-input">
          <Icon name="user" size={14} />
          <span class="unseen">{t('console.filters.agent')}</span>
          <input value={now.agent} placeholder={t('console.filters.agent')} maxLength={60} autocomplete="off" onInput={(event) => narrow({ agent: event.currentTarget.value })} />
        </label>
      )}
      {isNarrowed.value && (
        <button type="button" class="button quiet" onClick={clearFilters}>
          <Icon name="cross" />
          {t('console.files.clear')}
        </button>
      )}
    </div>
  );
}

function DateRange() {
  const { from, to } = filters.value;
  const day = (text: string): string => shortDay(new Date(`${text}T12:00:00`));
  const label = from === '' && to === '' ? t('console.filters.any_day') : from === to ? day(from) : `${from === '' ? '…' : day(from)} – ${to === '' ? '…' : day(to)}`;
  const today = localDay(new Date());
  const presets = [
    ['console.today', today],
    ['console.filters.week', dayAfter(today, -6)],
    ['console.filters.month', dayAfter(today, -29)],
  ] as const;
  return (
    <Popover
      name={t('console.filters.days')}
      className={`chip ${from !== '' || to !== '' ? 'is-set' : ''}`}
      label={
        <>
          <Icon name="calendar" size={14} />
          {label}
          <Icon name="chevronDown" size={14} />
        </>
      }
    >
      {(close) => (
        <div class="date-range">
          <div class="row">
            {presets.map(([key, start]) => (
              <button key={key} type="button" class="button" onClick={() => (close(), narrow({ from: start, to: today }))}>
                {t(key)}
              </button>
            ))}
          </div>
          <label class="field">
            <span class="label">{t('console.filters.from')}</span>
            <input type="date" class="input" value={from} max={to} onChange={(event) => narrow({ from: event.currentTarget.value })} />
          </label>
          <label class="field">
            <span class="label">{t('console.filters.to')}</span>
            <input type="date" class="input" value={to} min={from} onChange={(event) => narrow({ to: event.currentTarget.value })} />
          </label>
          {(from !== '' || to !== '') && (
            <button type="button" class="button quiet" onClick={() => (close(), narrow({ from: '', to: '' }))}>
              {t('console.filters.any_day')}
            </button>
          )}
        </div>
      )}
    </Popover>
  );
}
