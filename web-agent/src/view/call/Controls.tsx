import { cameras } from '../../state/devices';
import type { Room } from '../../state/room';
import { t } from '../../words';
import { Icon } from '../parts/Icon';
import { Key } from '../parts/Key';
import { Notice } from '../parts/Notice';
import { Popover } from '../parts/Popover';

/** Microphone, camera, keys, and the way out. */
export function Controls(props: { room: Room; onHangUp: () => void; onKeys: () => void }) {
  const { room } = props;
  const devices = room.devices.value;
  const muted = room.isMuted.value;
  const off = room.isCameraOff.value;
  return (
    <>
      {devices?.problem && (
        <Notice tone="caution">
          {t(`console.device.${devices.problem}`)} {!devices.hasMicrophone && t('console.device.silent')}
        </Notice>
      )}
      <div class="controls" role="toolbar" aria-label={t('console.call.controls')}>
        <button type="button" class={`button ${muted ? 'is-off' : ''}`} aria-pressed={muted} disabled={!devices?.hasMicrophone} onClick={() => room.toggleMute()}>
          <Icon name={muted ? 'micOff' : 'mic'} />
          <span class="label">{t(muted ? 'console.call.unmute_self' : 'console.call.mute')}</span>
          <Key of="M" />
        </button>
        <button type="button" class={`button ${off ? 'is-off' : ''}`} aria-pressed={off} disabled={!devices?.hasCamera} onClick={() => room.toggleCamera()}>
          <Icon name={off ? 'videoOff' : 'video'} />
          <span class="label">{t(off ? 'console.call.camera_on' : 'console.call.camera_off')}</span>
          <Key of="V" />
        </button>
        {cameras.value.length > 1 && <CameraChoice room={room} />}
        <button type="button" class="button quiet icon-only" aria-label={t('console.keys.title')} title={t('console.keys.title')} onClick={props.onKeys}>
          <Icon name="keyboard" />
        </button>
        <span class="spacer" />
        <button type="button" class="button danger" onClick={props.onHangUp}>
          <Icon name="phoneOff" />
          <span class="label">{t('console.call.hang_up')}</span>
          <Key of="H" />
        </button>
      </div>
    </>
  );
}

function CameraChoice(props: { room: Room }) {
  const used = props.room.devices.value?.stream.getVideoTracks()[0]?.getSettings().deviceId;
  return (
    <Popover label={<Icon name="switchCamera" />} name={t('console.call.switch_camera')} isIcon className="button icon-only">
      {(close) => (
        <div class="menu">
          {cameras.value.map((camera, at) => (
            <button
              key={camera.deviceId}
              type="button"
              class="menu-item"
              aria-pressed={camera.deviceId === used}
              onClick={() => (close(), void props.room.useCamera(camera.deviceId).catch(() => undefined))}
            >
              <Icon name={camera.deviceId === used ? 'check' : 'camera'} />
              {camera.label || t('console.call.camera_number', { number: at + 1 })}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
}
