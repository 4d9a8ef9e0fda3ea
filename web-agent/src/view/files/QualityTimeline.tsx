import type { CallQuality, EndQuality, QualityMark } from '@visavis/shared/wire';
import { clockText } from '../../rules/media';
import { level, linesOf, type Level } from '../../rules/quality';
import { number, t } from '../../words';

const WIDE = 600;
const HIGH = 36;

/** How a call looked and sounded: a few figures per end, and a small line over its time. */
export function QualityTimeline(props: { quality: CallQuality }) {
  const { ends, marks } = props.quality;
  if (ends.length === 0 && marks.length === 0) return null;
  return (
    <details class="quality">
      <summary>
        {t('console.quality.title')}{' '}
        <span class="muted small tabular">
          {ends.map((end) => (end.mos === null ? '' : `${t(`party.${end.party}`)} ${score(end.mos)}`)).filter((text) => text !== '').join(' · ')}
        </span>
      </summary>
      {(['customer', 'agent'] as const).map((party) => (
        <End key={party} party={party} end={ends.find((one) => one.party === party) ?? null} marks={marks.filter((mark) => mark.party === party)} />
      ))}
      <p class="muted small">{t('console.quality.source')}</p>
    </details>
  );
}

function score(mos: number): string {
  return number(mos, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function share(loss: number): string {
  return number(loss, { style: 'percent', maximumFractionDigits: 1 });
}

function End(props: { party: 'customer' | 'agent'; end: EndQuality | null; marks: readonly QualityMark[] }) {
  const { end, party } = props;
  const seen = props.marks.filter((mark) => mark.viewer === 'page');
  const arrived = props.marks.filter((mark) => mark.viewer === 'server');
  return (
    <div class="quality-end">
      <h4>{t(`console.quality.end.${party}`)}</h4>
      {end !== null && (
        <p class="small tabular">
          {[
            end.mos !== null && end.mos_worst !== null && t('console.quality.mos', { mos: score(end.mos), worst: score(end.mos_worst) }),
            t('console.quality.rtt', { rtt: number(Math.round(end.rtt_ms)) }),
            t('console.quality.jitter', { jitter: number(Math.round(end.jitter_ms)) }),
            t('console.quality.loss', { loss: share(end.loss), worst: share(end.loss_worst) }),
            t('console.quality.video', { down: number(Math.round(end.video_kbps)), up: number(Math.round(end.sent_kbps)) }),
            end.freezes > 0 && t('console.quality.freezes', { count: end.freezes, seconds: number(end.frozen_ms / 1000, { maximumFractionDigits: 1 }) }),
          ].filter((figure) => figure !== false).join(' · ')}
        </p>
      )}
      {seen.length > 0 && <Strip marks={seen} label={t('console.quality.strip.page')} />}
      {arrived.length > 0 && <Strip marks={arrived} label={t('console.quality.strip.server')} />}
    </div>
  );
}

const MARKS: Record<Level, string> = { good: 'quality-good', fair: 'quality-fair', poor: 'quality-poor' };

/** One bar per ten seconds: the worse, the taller and the darker; words on hover and for screen readers. */
function Strip(props: { marks: readonly QualityMark[]; label: string }) {
  const { bars, end } = linesOf(props.marks);
  const worst = props.marks.reduce((worse, mark) => (level(mark) === 'poor' || (level(mark) === 'fair' && level(worse) === 'good') ? mark : worse), props.marks[0] as QualityMark);
  return (
    <figure class="quality-strip">
      <figcaption class="small muted">{props.label}</figcaption>
      <svg viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" role="img" aria-label={`${props.label}: ${t(`console.quality.${level(worst)}`)} ${clockText(worst.at_ms / 1000)}`}>
        {bars.map(({ mark, from, width, height }) => (
          <rect key={mark.at_ms} class={MARKS[level(mark)]} x={from * WIDE} y={HIGH - height * HIGH} width={Math.max(1, width * WIDE - 1)} height={height * HIGH}>
            <title>
              {`${clockText(mark.at_ms / 1000)} · ${t(`console.quality.${level(mark)}`)}${mark.mos === null ? '' : ` · MOS ${score(mark.mos)}`} · ${t('console.quality.figures', { rtt: number(Math.round(mark.rtt_ms)), loss: share(mark.loss), kbps: number(Math.round(mark.video_kbps)) })}`}
            </title>
          </rect>
        ))}
      </svg>
      <span class="quality-scale small muted tabular" aria-hidden="true">
        <span>0:00</span>
        <span>{clockText(end / 1000)}</span>
      </span>
    </figure>
  );
}
