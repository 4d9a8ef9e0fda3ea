import { useEffect, useRef, useState } from 'preact/hooks';
import { watchFrames } from '@visavis/shared/injected';
import type { CallView } from '@visavis/shared/wire';
import * as door from '../../door';
import { secondsSince } from '../../state/clock';
import type { Room } from '../../state/room';
import { current } from '../../state/script';
import { level } from '../../rules/quality';
import { duration, number, t } from '../../words';
import { Badge, type Tone } from '../parts/Badge';
import { moved, PLAIN, type Look } from '../../rules/look';
import { applyLook, LookTools } from '../parts/Look';
import { Icon, type IconName } from '../parts/Icon';
import { Arrow } from './Arrow';

/** The customer large, oneself small, and how the connection is doing. */
export function Stage(props: { room: Room; view: CallView }) {
  const { room, view } = props;
  const step = current.value;
  const [look, setLook] = useState<Look>(PLAIN);
  return (
    <div class="stage">
      <Customer room={room} look={look} change={setLook} />
      <Cover room={room} view={view} />
      {step?.state === 'asked' && <Arrow kind={step.id} />}
      <div class="stage-top">
        <span class="recording">
          <span class="recording-dot" aria-hidden="true" />
          {t('console.call.recording')} <span class="tabular">{duration(secondsSince(view.started_at))}</span>
        </span>
        <Qualities room={room} />
      </div>
      <SelfView room={room} />
      <LookTools look={look} change={setLook} />
    </div>
  );
}

function Customer(props: { room: Room; look: Look; change: (look: Look) => void }) {
  const { room, look } = props;
  const video = useRef<HTMLVideoElement>(null);
  const [isHeld, setHeld] = useState(false);
  const stream = room.remote.value;
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    room.picture = element;
    element.srcObject = stream;
    if (stream !== null) {
      element.play().then(
        () => setHeld(false),
        (why: unknown) => setHeld(why instanceof DOMException && why.name === 'NotAllowedError'),
      );
    }
    const stop = watchFrames(element, (hint) => void door.giveHints(room.callId, [hint]).catch(() => undefined), false);
    return () => {
      stop();
      room.picture = null;
    };
  }, [stream, room]);
  useEffect(() => applyLook(video.current, look), [look]);
  const drag = (event: PointerEvent): void => {
    if (look.zoom === 1 || video.current === null) return;
    const element = event.currentTarget as HTMLElement;
    const { clientWidth, clientHeight } = element;
    let now = look;
    element.setPointerCapture(event.pointerId);
    const follow = (to: PointerEvent): void => {
      now = moved(now, (to.movementX / clientWidth) * 100, (to.movementY / clientHeight) * 100);
      props.change(now);
    };
    const end = (): void => element.removeEventListener('pointermove', follow);
    element.addEventListener('pointermove', follow);
    element.addEventListener('pointerup', end, { once: true });
    element.addEventListener('pointercancel', end, { once: true });
  };
  return (
    <>
      <video ref={video} class={`stage-customer ${look.zoom === 1 ? '' : 'is-near'}`} autoplay playsInline aria-label={t('console.call.customer')} onPointerDown={drag} />
      {isHeld && (
        <button type="button" class="button primary stage-unmute" onClick={() => void video.current?.play().then(() => setHeld(false))}>
          <Icon name="volume2" />
          {t('console.call.unmute')}
        </button>
      )}
    </>
  );
}

/** One sentence over the picture whenever there is no live picture. */
function Cover(props: { room: Room; view: CallView }) {
  const { room, view } = props;
  const media = room.media.value;
  const own = room.phase.value === 'opening' || media === 'reconnecting' ? 'own_reconnecting' : media === 'connecting' ? 'own_connecting' : null;
  const peer = view.peer === 'connected' ? null : view.peer;
  const says = own ?? peer;
  if (says === null) return null;
  const icon: IconName = says === 'left' ? 'userX' : says === 'joining' || says === 'own_connecting' ? 'loader' : 'wifiOff';
  return (
    <div class="stage-cover" role="status">
      <Icon name={icon} size={32} />
      <strong>{t(`console.cover.${says}`)}</strong>
      <span>{t(`console.cover.${says}.text`)}</span>
    </div>
  );
}

const TONES: Record<'good' | 'fair' | 'poor', [Tone, IconName]> = {
  good: ['positive', 'signal'],
  fair: ['caution', 'signalHigh'],
  poor: ['negative', 'signalLow'],
};

function Qualities(props: { room: Room }) {
  const { quality, peerQuality } = props.room;
  return (
    <span class="qualities">
      {quality.value && <QualityBadge whose="here" quality={{ ...quality.value, mos: peerQuality.value?.own_mos ?? null }} />}
      {peerQuality.value && <QualityBadge whose="there" quality={peerQuality.value} />}
    </span>
  );
}

function QualityBadge(props: { whose: 'here' | 'there'; quality: { rtt_ms: number; loss: number; video_kbps: number; frozen_ms: number; mos: number | null } }) {
  const { rtt_ms, loss, video_kbps, frozen_ms, mos } = props.quality;
  const word = level(props.quality);
  const [tone, icon] = TONES[word];
  const stood = frozen_ms > 0 ? ` · ${t('console.quality.stood', { seconds: number(frozen_ms / 1000, { maximumFractionDigits: 1 }) })}` : '';
  const figures = t('console.quality.figures', {
    rtt: number(Math.round(rtt_ms)),
    loss: number(loss, { style: 'percent', maximumFractionDigits: 1 }),
    kbps: number(Math.round(video_kbps)),
  });
  return (
    <Badge tone={tone} icon={icon} title={figures + stood}>
      {t(`console.quality.${props.whose}`)} {t(`console.quality.${word}`)}
      {mos !== null && <span class="tabular" title={t('console.quality.source')}> {number(mos, { minimumFractionDigits: 1, maximumFractionDigits: 1 })}</span>}
    </Badge>
  );
}

function SelfView(props: { room: Room }) {
  const { room } = props;
  const video = useRef<HTMLVideoElement>(null);
  const stream = room.devices.value?.stream ?? null;
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  const hasPicture = (room.devices.value?.hasCamera ?? false) && !room.isCameraOff.value;
  return (
    <div class="selfview">
      <video ref={video} class={hasPicture ? '' : 'is-dark'} autoplay playsInline muted aria-label={t('console.call.self')} />
      {!hasPicture && (
        <span class="selfview-off">
          <Icon name="videoOff" />
          {t('console.call.camera_is_off')}
        </span>
      )}
      {room.isMuted.value && (
        <span class="selfview-muted">
          <Icon name="micOff" size={14} />
          {t('console.call.is_muted')}
        </span>
      )}
    </div>
  );
}
