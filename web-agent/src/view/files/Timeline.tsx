import type { TimelineView, ViewedBy } from '@visavis/shared/wire';
import { code, language, maybe, shortDay, t } from '../../words';
import { Time } from '../parts/Time';

/** Everything that happened to a file, in order, with a line per day. */
export function Timeline(props: { lines: readonly TimelineView[] }) {
  language.value;
  let lastDay = '';
  return (
    <section class="card" aria-labelledby="timeline-title">
      <h2 id="timeline-title">{t('console.timeline.title')}</h2>
      {props.lines.length === 0 && <p class="muted">{t('console.timeline.none')}</p>}
      <ol class="timeline" tabIndex={0} aria-labelledby="timeline-title">
        {props.lines.map((line, at) => {
          const day = shortDay(new Date(line.at));
          const isNewDay = day !== lastDay;
          lastDay = day;
          return (
            <li key={`${line.at}-${at}`}>
              {isNewDay && <span class="timeline-day small muted">{day}</span>}
              <span class="timeline-time tabular small muted">
                <Time at={line.at} form="time" />
              </span>
              <span class="timeline-what">
                {maybe(`event.${line.kind}`, line.kind)}
                <Detail detail={line.detail} />
                <span class="block small muted">{actor(line.actor)}</span>
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function actor(name: string): string {
  return name === 'customer' || name === 'system' ? t(`actor.${name}`) : name;
}

const TOLD = ['check_kind', 'party', 'side', 'kind', 'outcome', 'how', 'way', 'reason'] as const;

/** The coded words of a line that people understand; ids are left out. */
function Detail(props: { detail: Record<string, unknown> | null }) {
  const words = TOLD.flatMap((key) => {
    const value = props.detail?.[key];
    return typeof value === 'string' && value !== '' ? [worded(value)] : [];
  });
  return words.length === 0 ? null : <span class="muted"> · {words.join(', ')}</span>;
}

const GROUPS = ['reason', 'check_reason', 'still_reason', 'side', 'document', 'console.step', 'step_state', 'outcome', 'end', 'decline', 'party', 'ring_end', 'way'] as const;

function worded(value: string): string {
  const consent = maybe(`consent.${value}.title`, '');
  if (consent !== '') return consent;
  for (const group of GROUPS) {
    const found = maybe(`${group}.${value}`, '');
    if (found !== '') return found;
  }
  return value;
}

/** Who looked at the file, when and why. */
export function Views(props: { views: readonly ViewedBy[] }) {
  return (
    <section class="card" aria-labelledby="views-title">
      <h2 id="views-title">{t('console.views.title')}</h2>
      {props.views.length === 0 && <p class="muted">{t('console.views.none')}</p>}
      <ol class="views">
        {props.views.map((view, at) => (
          <li key={`${view.at}-${at}`}>
            <span>
              <strong>{actor(view.actor)}</strong> {maybe(`act.${view.act}`, view.act)}
            </span>
            <span class="small muted">
              <Time at={view.at} form="both" />
              {view.purpose !== null && <> · {code('purpose', view.purpose)}</>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
