import { useState } from 'preact/hooks';
import type { AgentView, ShiftView } from '@visavis/shared/wire';
import * as door from '../../door';
import { change, cut, lastCut, loadRoster, roster, rosterDay } from '../../state/team';
import { t } from '../../words';
import { Icon } from '../parts/Icon';
import { Empty, Loading, Notice } from '../parts/Notice';
import { Time } from '../parts/Time';

/** Who is there when, on one day: shifts are put on and cut here. */
export function Roster(props: { agents: AgentView[] }) {
  const rows = roster.value;
  const show = (day: string): void => {
    if (day === '') return;
    rosterDay.value = day;
    lastCut.value = null;
    void loadRoster();
  };
  return (
    <section class="card" aria-labelledby="team-roster">
      <header class="section-head">
        <h2 id="team-roster">{t('console.team.roster')}</h2>
        <input type="date" class="input date" aria-label={t('console.bookings.day')} value={rosterDay.value} onChange={(event) => show(event.currentTarget.value)} />
      </header>
      {lastCut.value !== null && <Notice tone={lastCut.value > 0 ? 'caution' : 'positive'}>{t('console.team.cut_done', { count: lastCut.value })}</Notice>}
      {rows === null && <Loading lines={3} />}
      {rows !== null && rows.length === 0 && <Empty icon="calendarDays" title={t('console.team.no_shifts')} />}
      {rows !== null && rows.length > 0 && (
        <ul class="team-list">
          {rows.map((shift) => (
            <Shift key={shift.id} shift={shift} />
          ))}
        </ul>
      )}
      <Plan agents={props.agents} />
    </section>
  );
}

function Shift(props: { shift: ShiftView }) {
  const { shift } = props;
  const [isSure, setSure] = useState(false);
  return (
    <li class="team-row">
      <strong class="team-name">{shift.agent_name}</strong>
      <span class="tabular">
        <Time at={shift.starts_at} form="time" /> – <Time at={shift.ends_at} form="time" />
      </span>
      {isSure ? (
        <div class="row end">
          <button type="button" class="button danger" onClick={() => void cut(shift.id)}>
            {t('console.team.cut_now')}
          </button>
          <button type="button" class="button" onClick={() => setSure(false)}>
            {t('console.cancel')}
          </button>
        </div>
      ) : (
        <button type="button" class="button" onClick={() => setSure(true)}>
          <Icon name="ban" />
          {t('console.team.cut')}
        </button>
      )}
    </li>
  );
}

function Plan(props: { agents: AgentView[] }) {
  const [agent, setAgent] = useState('');
  const [from, setFrom] = useState('08:00');
  const [to, setTo] = useState('17:00');
  const chosen = agent !== '' ? agent : (props.agents[0]?.agent_id ?? '');
  const plan = (event: Event): void => {
    event.preventDefault();
    lastCut.value = null;
    void change(() => door.planShift({ agent_id: chosen, day: rosterDay.value, from, to }));
  };
  return (
    <form class="row team-plan" onSubmit={plan}>
      <label class="team-skill">
        <span>{t('console.team.who')}</span>
        <select class="input" value={chosen} onChange={(event) => setAgent(event.currentTarget.value)}>
          {props.agents.map((one) => (
            <option key={one.agent_id} value={one.agent_id}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <label class="team-skill">
        <span>{t('console.team.from')}</span>
        <input type="time" class="input" required value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label class="team-skill">
        <span>{t('console.team.to')}</span>
        <input type="time" class="input" required value={to} onChange={(event) => setTo(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button primary" disabled={chosen === '' || from >= to}>
        {t('console.team.plan')}
      </button>
      <p class="muted small">{t('console.team.site_time')}</p>
    </form>
  );
}
