import { useEffect } from 'preact/hooks';
import type { AgentView, NoteView, Presence, QueueHealth } from '@visavis/shared/wire';
import * as door from '../../door';
import { secondsSince } from '../../state/clock';
import { onOpen, onPush } from '../../state/live';
import { change, loadRoster, loadTeam, team, teamFailure } from '../../state/team';
import { code, duration, t } from '../../words';
import { Badge, type Tone } from '../parts/Badge';
import { Icon, type IconName } from '../parts/Icon';
import { Empty, Failure, Loading, Notice } from '../parts/Notice';
import { Time } from '../parts/Time';
import { Hours } from './Hours';
import { Roster } from './Roster';
import { Skills } from './Skills';
import { LiveCalls } from './Watch';

const LOOKS: Record<Presence, [Tone, IconName]> = {
  offline: ['plain', 'circle'],
  ready: ['positive', 'circleCheck'],
  offered: ['accent', 'phoneIncoming'],
  in_call: ['accent', 'video'],
  wrap_up: ['caution', 'clipboardCheck'],
  break: ['caution', 'pause'],
};

/** The supervisor's page: how the queue does, what needs a look, who is where, who comes when. */
export function Team() {
  useEffect(() => {
    const load = (): void => void Promise.all([loadTeam(), loadRoster()]);
    load();
    const stops = [onOpen(load), onPush((push) => (push.type === 'queue_changed' || push.type === 'notes_changed') && void loadTeam())];
    return () => stops.forEach((stop) => stop());
  }, []);
  const seen = team.value;
  return (
    <div class="team">
      <header class="page-head">
        <h1>{t('console.page.team')}</h1>
      </header>
      {teamFailure.value !== null && <Failure failure={teamFailure.value} dismiss={() => (teamFailure.value = null)} />}
      {seen === null ? (
        teamFailure.value === null && <Loading lines={8} />
      ) : (
        <>
          {!seen.health.takes_calls && <Notice tone="negative">{t('console.team.no_room')}</Notice>}
          <Health health={seen.health} />
          {seen.notes.length > 0 && <Notes notes={seen.notes} />}
          <LiveCalls calls={seen.live.calls} iceServers={seen.live.ice_servers} />
          <section class="card" aria-labelledby="team-agents">
            <h2 id="team-agents">{t('console.team.agents')}</h2>
            {seen.agents.length === 0 && <Empty icon="users" title={t('console.team.nobody')} />}
            <ul class="team-list">
              {seen.agents.map((agent) => (
                <Agent key={agent.agent_id} agent={agent} />
              ))}
            </ul>
          </section>
          <Roster agents={seen.agents} />
          <Hours />
        </>
      )}
    </div>
  );
}

function Health(props: { health: QueueHealth }) {
  const { health } = props;
  const error = health.estimate_error;
  const facts: [string, string][] = [
    [t('console.team.waiting'), String(health.waiting)],
    [t('console.team.ready'), `${health.ready_agents} / ${health.on_duty}`],
    [t('console.team.answered'), String(health.answered)],
    [t('console.team.abandoned'), String(health.abandoned)],
    [t('console.team.mean_wait'), duration(health.mean_wait_seconds)],
    [t('console.team.estimates'), error === null ? '–' : t('console.team.within_a_minute', { percent: error.within_a_minute_percent })],
    [t('console.team.estimate_error'), error === null ? '–' : duration(error.mean_seconds)],
  ];
  return (
    <section class="card" aria-labelledby="team-health">
      <h2 id="team-health">{t('console.team.queue')}</h2>
      <p class="muted small">{t('console.team.queue_text')}</p>
      <dl class="team-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="tabular">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Notes(props: { notes: NoteView[] }) {
  return (
    <section class="card" aria-labelledby="team-notes">
      <h2 id="team-notes">{t('console.team.notes')}</h2>
      <ul class="team-list" aria-live="polite">
        {props.notes.map((note) => (
          <li key={note.id} class="team-row">
            <span class="tabular muted">
              <Time at={note.at} form="time" />
            </span>
            <span class="team-name">{t(`console.note.${note.kind as 'missed_offers' | 'ticket_escalated' | 'agent_lost' | 'long_wait' | 'not_reached'}`, { name: note.agent_name ?? '' })}</span>
            <button type="button" class="button" onClick={() => void change(() => door.seeNote(note.id))}>
              <Icon name="circleCheck" />
              {t('console.team.seen')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Agent(props: { agent: AgentView }) {
  const { agent } = props;
  const [tone, icon] = LOOKS[agent.presence];
  const word = t(`console.presence.${agent.presence}`);
  const force = (presence: Presence): void => void change(() => door.forcePresence(agent.agent_id, presence));
  const isBound = agent.presence === 'in_call';
  return (
    <li class="team-row">
      <strong class="team-name">{agent.name}</strong>
      <Badge tone={tone} icon={icon}>
        {agent.reason === null ? word : `${word}: ${code('break', agent.reason)}`}
      </Badge>
      <span class="tabular muted">{duration(secondsSince(agent.since))}</span>
      <div class="row end" role="group" aria-label={t('console.team.force', { name: agent.name })}>
        <button type="button" class="button" disabled={isBound || agent.presence === 'ready'} onClick={() => force('ready')}>
          {t('console.presence.ready')}
        </button>
        <button type="button" class="button" disabled={isBound || agent.presence === 'break'} onClick={() => force('break')}>
          {t('console.presence.break')}
        </button>
        <button type="button" class="button" disabled={isBound || agent.presence === 'offline'} onClick={() => force('offline')}>
          {t('console.presence.offline')}
        </button>
      </div>
      <Skills agent={agent} />
    </li>
  );
}
