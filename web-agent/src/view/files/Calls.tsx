import type { CheckView, FiledCall } from '@visavis/shared/wire';
import type { Purpose } from '../../state/files';
import { clockText, momentText } from '../../rules/media';
import { code, number, t } from '../../words';
import { CallStills } from '../call/CallStills';
import { ChatLines } from '../call/Chat';
import { Rehearsal } from '../call/Rehearsal';
import { Empty, Notice } from '../parts/Notice';
import { Time } from '../parts/Time';
import { Player } from './Player';
import { disputed } from '../../rules/findings';
import { Found } from './Found';
import { Order } from './Order';
import { QualityTimeline } from './QualityTimeline';
import { CheckBadge, MeasuredBadge, Stills } from './Stills';

/** The calls of a file, the newest first: the recording with its marks, the checks, the chat. */
export function Calls(props: { calls: readonly FiledCall[]; why: Purpose }) {
  if (props.calls.length === 0) {
    return (
      <section class="card">
        <Empty icon="videoOff" title={t('console.calls.none')} />
      </section>
    );
  }
  return (
    <>
      {[...props.calls].reverse().map((call) => (
        <section key={call.id} class="card filed-call" aria-label={t('console.calls.one', { name: call.agent_name })}>
          <header class="section-head">
            <h2>
              {t('console.calls.one', { name: call.agent_name })}{' '}
              <small class="muted">
                <Time at={call.started_at} form="both" />
              </small>
            </h2>
            <span class="muted small">
              {call.ended_at !== null && <span class="tabular">{clockText((Date.parse(call.ended_at) - Date.parse(call.started_at)) / 1000)}</span>}
              {call.end_reason !== null && <> · {code('end', call.end_reason)}</>}
            </span>
          </header>
          <Player call={call} why={props.why} />
          {disputed(call.checks) > 0 && (
            <Notice tone="negative" live={false}>
              {t('console.measured.summary', { count: String(disputed(call.checks)) })}
            </Notice>
          )}
          <CheckTable call={call} />
          <Found call={call} />
          {call.plan !== null && <Order plan={call.plan} />}
          <Stills checks={call.checks} />
          <CallStills stills={call.stills} />
          <QualityTimeline quality={call.quality} />
          <Rehearsal rehearsal={call.rehearsal} />
          {call.chat.length > 0 && (
            <>
              <h3>{t('console.chat.title')}</h3>
              <ChatLines lines={call.chat} />
            </>
          )}
        </section>
      ))}
    </>
  );
}

function CheckTable(props: { call: FiledCall }) {
  if (props.call.checks.length === 0) return <p class="muted">{t('console.calls.no_checks')}</p>;
  return (
    <table class="table check-table">
      <caption class="unseen">{t('console.calls.checks')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('console.calls.check')}</th>
          <th scope="col">{t('console.calls.result')}</th>
          <th scope="col">{t('console.calls.reason')}</th>
          <th scope="col">{t('console.calls.measured')}</th>
          <th scope="col">{t('console.calls.when')}</th>
        </tr>
      </thead>
      <tbody>
        {props.call.checks.map((check) => (
          <tr key={check.id}>
            <th scope="row">{t(`console.step.${check.kind}`)}</th>
            <td>
              <CheckBadge check={check} />
            </td>
            <td>
              {check.reason === null ? '–' : code('check_reason', check.reason)}
              {check.void_because !== null && <span class="block small muted">{code('void', check.void_because)}</span>}
            </td>
            <td>
              <MeasuredBadge check={check} />
              <RestsOn check={check} />
            </td>
            <td class="tabular">{clockText(check.media_ms / 1000)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a measured verdict rests on, for whoever asks. */
function RestsOn(props: { check: CheckView }) {
  const { evidence } = props.check.measured ?? { evidence: null };
  if (!evidence) return null;
  const at = (ms: number | null): string => (ms === null ? '–' : momentText(ms));
  const { front, quality } = evidence;
  const lines = [
    ['report.began', at(evidence.started_ms)],
    ['report.held_from_to', `${at(evidence.entered_ms)} – ${at(evidence.held_ms)}`],
    ['report.farthest', `${number(evidence.peak_deg)}°`],
    ['report.own_front', front === null ? '–' : `${number(front.yaw)}° / ${number(front.pitch)}° / ${number(front.roll)}°`],
    ['report.face_seen', quality === null ? '–' : `${number(quality.score, { style: 'percent' })} / ${number(quality.width, { maximumFractionDigits: 0 })} px / ${number(quality.luma, { maximumFractionDigits: 0 })}`],
    ['report.rules', evidence.rules],
    ['report.network_detector', evidence.networks[0] ?? '–'],
    ['report.network_mesh', evidence.networks[1] ?? '–'],
  ] as const;
  return (
    <details class="small">
      <summary>{t('report.evidence')}</summary>
      <dl class="hashes">
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt class="muted">{t(name)}</dt>
            <dd class={value.length === 64 ? 'hash' : 'tabular'}>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
