import { useEffect, useState } from 'preact/hooks';
import type { Closure, HoursConflicts, HoursView } from '@visavis/shared/wire';
import * as door from '../../door';
import { change } from '../../state/team';
import { documentDate, t, weekday } from '../../words';
import { Icon } from '../parts/Icon';
import { Loading, Notice } from '../parts/Notice';
import { Time } from '../parts/Time';

const SHOWN = 8;

/** When calls are taken and appointments held: parts of each day of the week, and days closed. */
export function Hours() {
  const [kept, setKept] = useState<HoursView | null>(null);
  const [draft, setDraft] = useState<HoursView | null>(null);
  const [conflicts, setConflicts] = useState<HoursConflicts | null>(null);
  const [isSaved, setSaved] = useState(false);
  const load = (): void => {
    void door.hours().then((view) => {
      setKept(view);
      setDraft(null);
    }, () => undefined);
  };
  useEffect(load, []);
  const shown = draft ?? kept;
  const edit = (next: Partial<HoursView>): void => {
    if (shown === null) return;
    setDraft({ ...shown, ...next });
    setConflicts(null);
    setSaved(false);
  };
  const file = async (callOff: boolean | null): Promise<void> => {
    if (draft === null) return;
    const wanted = { version: draft.version, week: draft.week, closures: draft.closures, call_off: callOff };
    await change(async () => {
      if (callOff === null) {
        const found = await door.checkHours(wanted);
        if (found.bookings.length > 0) {
          setConflicts(found);
          return;
        }
        setConflicts(found.shifts.length > 0 ? found : null);
      } else setConflicts(null);
      setKept(await door.setHours(wanted));
      setDraft(null);
      setSaved(true);
    });
  };
  return (
    <section class="card" aria-labelledby="team-hours">
      <h2 id="team-hours">{t('console.hours.title')}</h2>
      {shown === null ? (
        <Loading lines={4} />
      ) : (
        <>
          <p class="muted small">{t('console.hours.text', { zone: shown.time_zone })}</p>
          {isSaved && <Notice tone="positive">{t('console.hours.saved')}</Notice>}
          <ul class="team-list">
            {shown.week.map((parts, at) => (
              <Day key={at} name={weekday(at)} parts={parts} set={(next) => edit({ week: shown.week.map((day, other) => (other === at ? next : day)) })} />
            ))}
          </ul>
          <Closures closures={shown.closures} set={(closures) => edit({ closures })} />
          {conflicts !== null && <Conflicts found={conflicts} isOpen={draft !== null} answer={(callOff) => void file(callOff)} back={() => setConflicts(null)} />}
          {draft !== null && (conflicts === null || conflicts.bookings.length === 0) && (
            <div class="row team-plan">
              <button type="button" class="button primary" onClick={() => void file(null)}>
                {t('console.hours.save')}
              </button>
              <button type="button" class="button" onClick={() => (setDraft(null), setConflicts(null))}>
                {t('console.hours.discard')}
              </button>
            </div>
          )}
        </>
      )}
    </section>
  );
}

function Day(props: { name: string; parts: string[]; set(parts: string[]): void }) {
  const { parts } = props;
  const put = (at: number, from: string, to: string): void => props.set(parts.map((part, other) => (other === at ? written(from, to) : part)));
  return (
    <li class="team-row hours-day">
      <strong class="hours-name">{props.name}</strong>
      <div class="row hours-parts" role="group" aria-label={props.name}>
        {parts.length === 0 && <span class="muted">{t('console.hours.closed')}</span>}
        {parts.map((part, at) => {
          const [from, to] = times(part);
          return (
            <span key={at} class="hours-part">
              <input type="time" class="input" required aria-label={t('console.team.from')} value={from} onChange={(event) => put(at, event.currentTarget.value, to)} />
              <span aria-hidden="true">–</span>
              <input type="time" class="input" required aria-label={t('console.team.to')} value={to} onChange={(event) => put(at, from, event.currentTarget.value)} />
              <button type="button" class="button quiet icon-only" aria-label={t('console.hours.remove')} title={t('console.hours.remove')} onClick={() => props.set(parts.filter((_, other) => other !== at))}>
                <Icon name="cross" />
              </button>
            </span>
          );
        })}
        <button type="button" class="button quiet" onClick={() => props.set([...parts, next(parts)])}>
          {t('console.hours.add')}
        </button>
      </div>
    </li>
  );
}

function Closures(props: { closures: Closure[]; set(closures: Closure[]): void }) {
  const [day, setDay] = useState('');
  const [name, setName] = useState('');
  const { closures } = props;
  const add = (event: Event): void => {
    event.preventDefault();
    props.set([...closures, { day, name: name.trim() }].sort((one, other) => one.day.localeCompare(other.day)));
    setDay('');
    setName('');
  };
  return (
    <div class="hours-closures">
      <h3>{t('console.hours.closures')}</h3>
      {closures.length === 0 && <p class="muted">{t('console.hours.no_closures')}</p>}
      <ul class="team-list">
        {closures.map((closure) => (
          <li key={closure.day} class="team-row">
            <span class="tabular hours-name">{documentDate(closure.day)}</span>
            <span class="team-name">{closure.name}</span>
            <button type="button" class="button quiet icon-only" aria-label={t('console.hours.remove')} title={t('console.hours.remove')} onClick={() => props.set(closures.filter((other) => other.day !== closure.day))}>
              <Icon name="cross" />
            </button>
          </li>
        ))}
      </ul>
      <form class="row team-plan" onSubmit={add}>
        <label class="team-skill">
          <span>{t('console.hours.day')}</span>
          <input type="date" class="input date" required value={day} onChange={(event) => setDay(event.currentTarget.value)} />
        </label>
        <label class="team-skill">
          <span>{t('console.hours.why')}</span>
          <input class="input" maxLength={80} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <button type="submit" class="button" disabled={day === '' || closures.some((closure) => closure.day === day)}>
          {t('console.hours.close_day')}
        </button>
      </form>
    </div>
  );
}

/** What lies outside the new hours: appointments ask for a word, shifts are only said. */
function Conflicts(props: { found: HoursConflicts; isOpen: boolean; answer(callOff: boolean): void; back(): void }) {
  const { bookings, shifts } = props.found;
  return (
    <div class="hours-conflicts" role="alert">
      {bookings.length > 0 && props.isOpen && (
        <Notice tone="caution">
          <p>
            <strong>{t('console.hours.bookings_outside', { count: bookings.length })}</strong>
          </p>
          <ul>
            {bookings.slice(0, SHOWN).map((row) => (
              <li key={row.id} class="tabular">
                <Time at={row.starts_at} form="both" /> · {row.name ?? row.reference}
              </li>
            ))}
            {bookings.length > SHOWN && <li>{t('console.hours.more', { count: bookings.length - SHOWN })}</li>}
          </ul>
          <div class="row">
            <button type="button" class="button danger" onClick={() => props.answer(true)}>
              {t('console.hours.call_off')}
            </button>
            <button type="button" class="button" onClick={() => props.answer(false)}>
              {t('console.hours.keep')}
            </button>
            <button type="button" class="button quiet" onClick={props.back}>
              {t('console.cancel')}
            </button>
          </div>
        </Notice>
      )}
      {shifts.length > 0 && (
        <Notice tone="caution">
          <p>{t('console.hours.shifts_outside', { count: shifts.length })}</p>
          <ul>
            {shifts.slice(0, SHOWN).map((shift) => (
              <li key={shift.id} class="tabular">
                <Time at={shift.starts_at} form="both" /> – <Time at={shift.ends_at} form="time" /> · {shift.agent_name}
              </li>
            ))}
            {shifts.length > SHOWN && <li>{t('console.hours.more', { count: shifts.length - SHOWN })}</li>}
          </ul>
        </Notice>
      )}
    </div>
  );
}

/** The end of a day is 24:00 to the server and midnight to an input. */
function times(part: string): [string, string] {
  const [from = '', to = ''] = part.split('-');
  return [from, to === '24:00' ? '00:00' : to];
}

function written(from: string, to: string): string {
  return `${from}-${to === '00:00' ? '24:00' : to}`;
}

/** A part after the last of the day. */
function next(parts: readonly string[]): string {
  const end = parts.map((part) => part.split('-')[1] ?? '').sort().at(-1);
  if (end === undefined) return '08:00-17:00';
  return end >= '23:00' ? '08:00-17:00' : `${end}-24:00`;
}
