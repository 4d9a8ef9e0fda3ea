import type { RehearsalView, RouteResult } from '@visavis/shared/wire';
import { maybe, number, t } from '../../words';
import { Badge, type Tone } from '../parts/Badge';
import type { IconName } from '../parts/Icon';
import { Time } from '../parts/Time';

/** What the customer's page found out before the call: one line, the figures behind it. */
export function Rehearsal(props: { rehearsal: RehearsalView | null }) {
  if (props.rehearsal === null) return null;
  const { at, found } = props.rehearsal;
  const faults = [found.camera !== 'good', found.light !== 'good' && found.light !== 'unknown', found.microphone !== 'heard', !found.routes.some((route) => route.is_open)];
  const count = faults.filter(Boolean).length;
  return (
    <details class="rehearsal small">
      <summary>
        {t('console.rehearsal.title')}{' '}
        <Badge tone={count === 0 ? 'positive' : 'caution'} icon={count === 0 ? 'circleCheck' : 'triangleAlert'}>
          {count === 0 ? t('console.rehearsal.fine') : t('console.rehearsal.faults', { count })}
        </Badge>
      </summary>
      <ul class="rehearsal-list">
        <Line name="camera" value={found.camera} isGood={found.camera === 'good'} icon="video" />
        <Line name="light" value={found.light} isGood={found.light === 'good'} icon="sun" />
        <Line name="microphone" value={found.microphone} isGood={found.microphone === 'heard'} icon="mic" />
        {found.routes.map((route) => (
          <Way key={route.route} result={route} />
        ))}
      </ul>
      <p class="muted">
        {maybe(`console.browser.${found.browser}`, found.browser)}
        {found.in_app !== null && <> · {t('console.rehearsal.in_app', { app: found.in_app })}</>} · <Time at={at} form="both" />
        {found.went_on && <> · {t('console.rehearsal.went_on')}</>}
      </p>
      <p class="muted">{t('console.rehearsal.own')}</p>
    </details>
  );
}

function Line(props: { name: 'camera' | 'light' | 'microphone'; value: string; isGood: boolean; icon: IconName }) {
  const tone: Tone = props.isGood ? 'positive' : 'caution';
  return (
    <li>
      <span>{t(`console.rehearsal.${props.name}`)}</span>
      <Badge tone={tone} icon={props.isGood ? 'circleCheck' : props.icon}>
        {maybe(`console.rehearsal.${props.name}.${props.value}`, props.value)}
      </Badge>
    </li>
  );
}

function Way(props: { result: RouteResult }) {
  const { route, is_open, rtt_ms, loss, uplink_kbps } = props.result;
  const figures = [
    rtt_ms !== null && t('console.rehearsal.rtt', { rtt: number(Math.round(rtt_ms)) }),
    loss !== null && t('console.rehearsal.loss', { loss: number(loss, { style: 'percent', maximumFractionDigits: 1 }) }),
    uplink_kbps !== null && t('console.rehearsal.uplink', { up: number(uplink_kbps / 1000, { maximumFractionDigits: 1 }) }),
  ].filter((figure) => figure !== false);
  return (
    <li>
      <span>{t(`console.rehearsal.route.${route}`)}</span>
      <span>
        {figures.length > 0 && <span class="muted tabular">{figures.join(' · ')} </span>}
        <Badge tone={is_open ? 'positive' : 'caution'} icon={is_open ? 'circleCheck' : 'wifiOff'}>
          {t(is_open ? 'console.rehearsal.open' : 'console.rehearsal.shut')}
        </Badge>
      </span>
    </li>
  );
}
