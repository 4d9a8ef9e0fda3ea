import { useEffect, useRef, useState } from 'preact/hooks';
import { Observation, type ObservationState } from '@visavis/shared/observe';
import type { LiveCallView } from '@visavis/shared/wire';
import * as door from '../../door';
import { secondsSince } from '../../state/clock';
import { duration, t } from '../../words';
import { Badge } from '../parts/Badge';
import { Dialog } from '../parts/Dialog';
import { Icon } from '../parts/Icon';
import { Notice } from '../parts/Notice';

/** The calls going on now; a supervisor may look on at each. */
export function LiveCalls(props: { calls: LiveCallView[]; iceServers: RTCIceServer[] }) {
  const [watched, setWatched] = useState<LiveCallView | null>(null);
  return (
    <section class="card" aria-labelledby="team-calls">
      <h2 id="team-calls">{t('console.watch.calls')}</h2>
      {props.calls.length === 0 && <p class="muted">{t('console.watch.none')}</p>}
      <ul class="team-list">
        {props.calls.map((call) => (
          <li key={call.call_id} class="team-row">
            <strong class="team-name">{call.agent_name}</strong>
            <Badge tone={call.is_live ? 'accent' : 'plain'} icon={call.is_live ? 'video' : 'loader'}>
              {t(call.is_live ? 'console.watch.live' : 'console.watch.begins')}
            </Badge>
            <span class="tabular muted">{duration(secondsSince(call.started_at))}</span>
            <button type="button" class="button" onClick={() => setWatched(call)}>
              <Icon name="eye" />
              {t('console.watch.look_on')}
            </button>
          </li>
        ))}
      </ul>
      {watched !== null && <Watch key={watched.call_id} call={watched} iceServers={props.iceServers} close={() => setWatched(null)} />}
    </section>
  );
}

/** Both ends side by side, until the window is closed or the call is over. */
function Watch(props: { call: LiveCallView; iceServers: RTCIceServer[]; close: () => void }) {
  const { call } = props;
  const [streams, setStreams] = useState<readonly [MediaStream, MediaStream] | null>(null);
  const [state, setState] = useState<ObservationState>('connecting');
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const observation = new Observation({
      iceServers: props.iceServers,
      offer: async (sdp) => {
        try {
          return (await door.observe(call.call_id, sdp)).sdp;
        } catch (failure) {
          if (door.codeOf(failure) === 'call_over') {
            setOver(true);
            observation.close();
          }
          throw failure;
        }
      },
      streams: (customer, agent) => setStreams([customer, agent]),
      state: setState,
    });
    return () => observation.close();
  }, []);
  return (
    <Dialog title={t('console.watch.title', { name: call.agent_name })} className="watch" onClose={props.close}>
      <p class="muted small">{t('console.watch.text')}</p>
      {isOver ? (
        <Notice tone="info">{t('console.watch.over')}</Notice>
      ) : (
        <p class="watch-state" role="status">
          {t(`console.watch.state.${state}`)}
        </p>
      )}
      <div class="watch-ends">
        <End name={t('console.watch.customer')} stream={isOver ? null : (streams?.[0] ?? null)} />
        <End name={call.agent_name} stream={isOver ? null : (streams?.[1] ?? null)} />
      </div>
    </Dialog>
  );
}

function End(props: { name: string; stream: MediaStream | null }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = props.stream;
    // Where sound may not begin by itself the controls of the picture do.
    if (props.stream !== null) element.play().catch(() => undefined);
  }, [props.stream]);
  return (
    <figure class="watch-end">
      <video ref={video} autoplay playsInline controls aria-label={props.name} />
      <figcaption>{props.name}</figcaption>
    </figure>
  );
}
