import { useState } from 'preact/hooks';
import type { StillView } from '@visavis/shared/wire';
import * as door from '../../door';
import type { Room } from '../../state/room';
import { code, maybe, number, t } from '../../words';
import { Badge } from '../parts/Badge';
import { Icon } from '../parts/Icon';
import { Failure } from '../parts/Notice';

/** The customer's camera from here: which one, its lamp, and a photograph with all it has. */
export function DocumentCamera(props: { room: Room }) {
  const { room } = props;
  const [failure, setFailure] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const camera = room.camera.value;
  const stills = room.view.value?.stills ?? [];
  const asked = stills.find((still) => still.state === 'asked') ?? null;
  const isLive = room.view.value?.state === 'live';
  const isRear = camera?.camera === 'environment';
  const act = async (work: () => Promise<StillView>): Promise<void> => {
    setFailure(null);
    setBusy(true);
    try {
      room.keepStill(await work());
    } catch (wrong) {
      setFailure(wrong);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="camera-tools">
      <div class="row" role="toolbar" aria-label={t('console.camera.tools')}>
        <button type="button" class="button" disabled={!isLive} aria-pressed={isRear} onClick={() => room.askCamera(isRear ? 'user' : 'environment', false)}>
          <Icon name="switchCamera" />
          {t(isRear ? 'console.camera.front' : 'console.camera.rear')}
        </button>
        {camera?.has_torch === true && (
          <button type="button" class="button" disabled={!isLive} aria-pressed={camera.torch} onClick={() => room.askCamera(camera.camera, !camera.torch)}>
            <Icon name="flashlight" />
            {t(camera.torch ? 'console.camera.torch_off' : 'console.camera.torch_on')}
          </button>
        )}
        {asked === null ? (
          <button type="button" class="button" disabled={!isLive || isBusy} aria-busy={isBusy} onClick={() => void act(() => door.askStill(room.callId, camera?.camera ?? 'user'))}>
            <Icon name="camera" />
            {t('console.camera.photo')}
          </button>
        ) : (
          <button type="button" class="button" disabled={isBusy} aria-busy={isBusy} onClick={() => void act(() => door.withdrawStill(asked.id))}>
            <Icon name="cross" />
            {t('console.camera.take_back')}
          </button>
        )}
        <Coming room={room} asked={asked} />
      </div>
      {camera?.trouble != null && <p class="small muted">{t('console.camera.trouble', { why: maybe(`console.camera.trouble.${camera.trouble}`, camera.trouble) })}</p>}
      <Last stills={stills} />
      {failure !== null && <Failure failure={failure} />}
    </div>
  );
}

/** How far the photograph has come. */
function Coming(props: { room: Room; asked: StillView | null }) {
  if (props.asked === null) return null;
  const progress = props.room.stillProgress.value;
  const share = progress !== null && progress.id === props.asked.id ? progress.received / progress.size : null;
  return (
    <span class="camera-progress small" role="status">
      {share === null ? t('console.camera.waiting') : t('console.camera.coming', { share: number(share, { style: 'percent' }) })}
      <progress max={1} {...(share === null ? {} : { value: share })} aria-label={t('console.camera.photo')} />
    </span>
  );
}

/** Why the last one did not come. */
function Last(props: { stills: readonly StillView[] }) {
  const last = props.stills.at(-1);
  if (last === undefined || last.state === 'asked' || last.state === 'filed' || last.reason === 'asked_anew') return null;
  return (
    <p class="small" role="status">
      <Badge tone="caution" icon="info">
        {t(`console.still.${last.state}`)}
      </Badge>{' '}
      {last.reason !== null && code('still_reason', last.reason)}
    </p>
  );
}
