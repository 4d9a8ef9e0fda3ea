import { useEffect, useRef } from 'preact/hooks';
import { isMeasured, target, type PoseKind, type Reading } from '@visavis/shared/pose/reading';
import { advice, isBlind, reading, trace, TRACE_MS, watchHead, type Point } from '../../state/pose';
import type { Room } from '../../state/room';
import { current } from '../../state/script';
import { number, t } from '../../words';
import { Badge } from '../parts/Badge';

/** Degrees from the middle to the edge. */
const SPAN = 45;
const HEIGHT = 84;

/** The customer's head under the picture: both angles of the last seconds, the band a check has to reach, the judge's advice. */
export function PoseTrace(props: { room: Room }) {
  useEffect(() => watchHead(props.room), [props.room]);
  const step = current.value;
  const kind = step?.state === 'asked' && step.check !== null ? step.check.kind : null;
  const asked = kind !== null && isMeasured(kind) ? kind : null;
  const seen = reading.value;
  if (isBlind.value) return <p class="pose-trace small muted">{t('console.pose.blind')}</p>;
  return (
    <figure class="pose-trace" aria-label={t('console.pose.title')}>
      <Lines points={trace.value} asked={asked} nowMs={seen?.atMs ?? 0} />
      <figcaption class="small">
        <span class="pose-yaw">{t('console.pose.yaw')}</span>
        <span class="pose-pitch">{t('console.pose.pitch')}</span>
        <span class="muted">{says(seen)}</span>
        <span class="spacer" />
        <Advised checkId={step?.check?.id ?? null} />
      </figcaption>
    </figure>
  );
}

function says(seen: Reading | null): string {
  if (seen === null) return t('console.pose.loading');
  if (seen.faces > 1) return t('measured_reason.several_faces');
  if (seen.face === null) return t('measured_reason.no_face');
  if (seen.face.width < 80) return t('measured_reason.too_small');
  if (seen.face.luma < 35) return t('measured_reason.too_dark');
  if (seen.front === null) return t('console.pose.no_front');
  return t('console.pose.held', { share: number(seen.progress, { style: 'percent', maximumFractionDigits: 0 }) });
}

/** The judge's word on the check that is open: advice only. */
function Advised(props: { checkId: string | null }) {
  const said = advice.value;
  if (said === null || said.checkId !== props.checkId) return null;
  return (
    <span role="status">
      <Badge tone={said.passed ? 'positive' : 'caution'} icon={said.passed ? 'circleCheck' : 'circleX'}>
        {said.passed ? t('console.pose.advises_pass') : t('console.pose.advises_fail', { reason: t(`measured_reason.${said.reason ?? 'not_seen'}`) })}
      </Badge>
    </span>
  );
}

function Lines(props: { points: readonly Point[]; asked: PoseKind | null; nowMs: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { points, asked, nowMs } = props;
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, points, asked, nowMs);
  }, [points, asked, nowMs]);
  return <canvas ref={canvas} class="pose-lines" aria-hidden="true" />;
}

function draw(canvas: HTMLCanvasElement, points: readonly Point[], asked: PoseKind | null, nowMs: number): void {
  const [width, scale] = [canvas.clientWidth, devicePixelRatio];
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(HEIGHT * scale)) canvas.height = Math.round(HEIGHT * scale);
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const style = getComputedStyle(canvas);
  const colour = (role: string): string => style.getPropertyValue(`--${role}`);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, HEIGHT);
  const y = (degrees: number): number => HEIGHT / 2 + (Math.max(-SPAN, Math.min(SPAN, degrees)) / SPAN) * (HEIGHT / 2);
  if (asked !== null) {
    const band = target(asked);
    pen.fillStyle = colour('accent-soft');
    pen.fillRect(0, y(band.from), width, y(band.to) - y(band.from));
  }
  pen.strokeStyle = colour('line');
  pen.beginPath();
  pen.moveTo(0, y(0));
  pen.lineTo(width, y(0));
  pen.stroke();
  pen.lineWidth = 2;
  for (const [axis, role, dash] of [['yaw', 'accent', []], ['pitch', 'text-muted', [5, 3]]] as const) {
    pen.strokeStyle = colour(role);
    pen.setLineDash([...dash]);
    pen.beginPath();
    points.forEach((point, at) => {
      const x = width * (1 - (nowMs - point.atMs) / TRACE_MS);
      if (at === 0) pen.moveTo(x, y(point[axis]));
      else pen.lineTo(x, y(point[axis]));
    });
    pen.stroke();
  }
  pen.setLineDash([]);
}
