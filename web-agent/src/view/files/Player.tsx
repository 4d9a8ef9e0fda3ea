import { useEffect, useRef, useState } from 'preact/hooks';
import type { CheckView, FiledCall, RecordingFile, RecordingView } from '@visavis/shared/wire';
import { film, recordingOf } from '../../door';
import { checkAt, clockText, mediaTime, playable, positionIn } from '../../rules/media';
import type { Purpose } from '../../state/files';
import { fileSize, number, t } from '../../words';
import { Icon } from '../parts/Icon';
import { Notice } from '../parts/Notice';

/** Seconds shown before a check, so that one sees it being asked. */
const RUN_UP = 1;

/** While a recording is being made, it is looked at so often, in ms. */
const LOOK_MS = 2_000;

/** The recording of a call with a mark per check: what is made of it already can be played, the rest is told. */
export function Player(props: { call: FiledCall; why: Purpose }) {
  const recording = useRecording(props.call);
  if (recording === null) return <Notice tone="info" live={false}>{t('console.player.none')}</Notice>;
  const files = playable(recording);
  return (
    <>
      {(recording.state !== 'sealed' || files.length === 0) && <Standing recording={recording} canPlay={files.length > 0} />}
      {files.length > 0 && <Film call={props.call} recording={recording} files={files} why={props.why} />}
      <Missing files={files} />
    </>
  );
}

/** The recording as it stands now: followed while it is being made. */
function useRecording(call: FiledCall): RecordingView | null {
  const [now, setNow] = useState(call.recording);
  const isPending = now?.state === 'recording' || now?.state === 'sealing';
  useEffect(() => {
    if (!isPending) return;
    const look = setInterval(() => void recordingOf(call.id).then(setNow, () => undefined), LOOK_MS);
    return () => clearInterval(look);
  }, [call.id, isPending]);
  return now;
}

function Standing(props: { recording: RecordingView; canPlay: boolean }) {
  const { state, progress } = props.recording;
  if (state !== 'sealing' || !props.canPlay) {
    return <Notice tone={state === 'failed' ? 'negative' : 'info'} live={false}>{t(`console.player.${state}`)}</Notice>;
  }
  return (
    <Notice tone="info" live={false}>
      {t('console.player.film_made', { percent: number(progress / 100, { style: 'percent' }) })}
      <progress max={100} value={progress} aria-label={t('console.player.sealing')} />
    </Notice>
  );
}

/** What is not on the recording, so that nobody takes a gap for a still. */
function Missing(props: { files: readonly RecordingFile[] }) {
  const holes = props.files.flatMap((file) => file.gaps.map((gap) => ({ party: file.party, ...gap })));
  const lost = props.files.reduce((sum, file) => sum + file.lost_packets, 0);
  if (holes.length === 0 && lost === 0) return null;
  return (
    <Notice tone="caution" live={false}>
      {t('console.player.missing')}
      <ul class="missing">
        {holes.map((hole) => (
          <li key={`${hole.party}-${hole.from_ms}`} class="tabular">
            {t(hole.party === 'agent' ? 'console.player.agent' : 'console.player.customer')}: {clockText(hole.from_ms / 1000)} – {clockText(hole.to_ms / 1000)}
          </li>
        ))}
        {lost > 0 && <li>{t('console.player.lost', { count: lost })}</li>}
      </ul>
    </Notice>
  );
}

function Film(props: { call: FiledCall; recording: RecordingView; files: RecordingFile[]; why: Purpose }) {
  const { call, files } = props;
  const [name, setName] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const [isBroken, setBroken] = useState(false);
  const video = useRef<HTMLVideoElement>(null);
  const resumeAt = useRef<{ mediaMs: number; plays: boolean } | null>(null);
  // What is played goes on when the film is made meanwhile.
  const file = files.find((one) => one.name === name) ?? files[0];
  useEffect(() => setName((before) => before ?? file?.name ?? null), [file?.name]);
  useEffect(() => setBroken(false), [name]);
  if (file === undefined) return null;
  const jump = (mediaMs: number): void => {
    if (video.current === null) return;
    video.current.currentTime = Math.max(0, positionIn(file, mediaMs) - RUN_UP);
    video.current.play().catch(() => undefined);
  };
  const change = (which: string): void => {
    const element = video.current;
    if (element) resumeAt.current = { mediaMs: mediaTime(file, element.currentTime), plays: !element.paused };
    setName(which);
  };
  const restore = (): void => {
    const element = video.current;
    const left = resumeAt.current;
    resumeAt.current = null;
    if (element === null || left === null) return;
    element.currentTime = positionIn(file, left.mediaMs);
    if (left.plays) element.play().catch(() => undefined);
  };
  const length = (props.recording.duration_ms ?? Math.max(...files.map((one) => one.end_ms))) || 1;
  return (
    <div class="player">
      <div class="segmented" role="group" aria-label={t('console.player.view')}>
        {files.map((one) => (
          <button key={one.name} type="button" aria-pressed={one.name === file.name} onClick={() => change(one.name)}>
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
