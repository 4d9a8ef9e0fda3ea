import { useEffect, useRef, useState } from 'preact/hooks';
import type { CheckView, FiledCall, RecordingFile, RecordingView } from '@visavis/shared/wire';
import { film } from '../../door';
import { checkAt, clockText, mediaTime, playable, positionIn } from '../../rules/media';
import type { Purpose } from '../../state/files';
import { fileSize, t } from '../../words';
import { Icon } from '../parts/Icon';
import { Notice } from '../parts/Notice';

/** Seconds shown before a check, so that one sees it being asked. */
const RUN_UP = 1;

/** The recording of a call with a mark per check, or why there is none to play. */
export function Player(props: { call: FiledCall; why: Purpose; reload: () => void }) {
  const { recording } = props.call;
  if (recording === null) return <Notice tone="info" live={false}>{t('console.player.none')}</Notice>;
  const files = playable(recording);
  if (recording.state !== 'sealed' || files.length === 0) {
    const isPending = recording.state === 'recording' || recording.state === 'sealing';
    const again = isPending && (
      <button type="button" class="button" onClick={props.reload}>
        <Icon name="rotateCcw" />
        {t('console.player.again')}
      </button>
    );
    return (
      <Notice tone={recording.state === 'failed' ? 'negative' : 'info'} live={false} action={again}>
        {t(`console.player.${recording.state}`)}
      </Notice>
    );
  }
  return <Film call={props.call} recording={recording} files={files} why={props.why} />;
}

function Film(props: { call: FiledCall; recording: RecordingView; files: RecordingFile[]; why: Purpose }) {
  const { call, files } = props;
  const [chosen, setChosen] = useState(0);
  const [at, setAt] = useState(0);
  const [isBroken, setBroken] = useState(false);
  const video = useRef<HTMLVideoElement>(null);
  const resumeAt = useRef<{ mediaMs: number; plays: boolean } | null>(null);
  const file = files[chosen] ?? files[0];
  useEffect(() => setBroken(false), [chosen]);
  if (file === undefined) return null;
  const jump = (mediaMs: number): void => {
    if (video.current === null) return;
    video.current.currentTime = Math.max(0, positionIn(file, mediaMs) - RUN_UP);
    video.current.play().catch(() => undefined);
  };
  const change = (which: number): void => {
    const element = video.current;
    if (element) resumeAt.current = { mediaMs: mediaTime(file, element.currentTime), plays: !element.paused };
    setChosen(which);
  };
  const restore = (): void => {
    const element = video.current;
    const left = resumeAt.current;
    resumeAt.current = null;
    if (element === null || left === null) return;
    element.currentTime = positionIn(file, left.mediaMs);
    if (left.plays) element.play().catch(() => undefined);
  };
  const length = (props.recording.duration_ms ?? 0) || 1;
  return (
    <div class="player">
      <div class="segmented" role="group" aria-label={t('console.player.view')}>
        {files.map((one, which) => (
          <button key={one.name} type="button" aria-pressed={which === chosen} onClick={() => change(which)}>
            {t(one.name === 'film.mp4' ? 'console.player.both' : one.party === 'agent' ? 'console.player.agent' : 'console.player.customer')}
          </button>
        ))}
      </div>
      {isBroken && <Notice tone="negative">{t('console.player.broken')}</Notice>}
      <video
        ref={video}
        controls
        playsInline
        preload="metadata"
        src={film(call.id, file.name, props.why)}
        aria-label={t('console.player.title')}
        onLoadedMetadata={restore}
        onError={() => setBroken(true)}
        onTimeUpdate={(event) => setAt(mediaTime(file, event.currentTarget.currentTime))}
      />
      <Marks checks={call.checks} at={at} length={length} jump={jump} />
      <p class="hash small muted">
        {file.name} · {fileSize(file.size)} · SHA-256 {file.sha256}
      </p>
    </div>
  );
}

function Marks(props: { checks: readonly CheckView[]; at: number; length: number; jump: (mediaMs: number) => void }) {
  const now = checkAt(props.checks, props.at);
  if (props.checks.length === 0) return null;
  return (
    <>
      <div class="track" aria-hidden="true">
        <span class="track-now" ref={(bar) => placed(bar, 'transform', `scaleX(${Math.min(1, props.at / props.length)})`)} />
        {props.checks.map((check) => (
          <span key={check.id} class={`track-mark track-${check.state}`} ref={(mark) => placed(mark, 'left', `${Math.min(100, (check.media_ms / props.length) * 100)}%`)} />
        ))}
      </div>
      <ol class="marks" aria-label={t('console.player.marks')}>
        {props.checks.map((check) => (
          <li key={check.id}>
            <button type="button" class={`chip mark mark-${check.state}`} aria-current={now?.id === check.id ? 'true' : undefined} onClick={() => props.jump(check.media_ms)}>
              <Icon name={check.state === 'passed' ? 'circleCheck' : check.state === 'failed' ? 'circleX' : 'skipForward'} size={14} />
              {t(`console.step.${check.kind}`)}
              <span class="tabular">{clockText(check.media_ms / 1000)}</span>
              <span class="unseen">{t(`step_state.${check.state}`)}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

function placed(element: HTMLElement | null, property: 'left' | 'transform', value: string): void {
  if (element) element.style[property] = value;
}
