import { useEffect, useRef } from 'preact/hooks';
import type { Room } from '../../state/room';
import { go } from '../../state/route';
import { t } from '../../words';
import { Icon } from '../parts/Icon';

/** The call goes on, seen and heard, while the agent is on another page. */
export function CallFloat(props: { room: Room }) {
  const video = useRef<HTMLVideoElement>(null);
  const stream = props.room.remote.value;
  useEffect(() => {
    if (video.current === null) return;
    video.current.srcObject = stream;
    if (stream !== null) video.current.play().catch(() => undefined);
  }, [stream]);
  return (
    <aside class="call-float" aria-label={t('console.call.running')}>
      <video ref={video} autoplay playsInline aria-label={t('console.call.customer')} />
      <button type="button" class="button primary" onClick={() => go({ name: 'desk' })}>
        <Icon name="video" />
        {t('console.call.return')}
      </button>
    </aside>
  );
}
