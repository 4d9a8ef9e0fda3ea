import { useEffect } from 'preact/hooks';
import type { DeskView } from '@visavis/shared/wire';
import { loadUpcoming, ringing } from '../../state/bookings';
import { secondsUntil } from '../../state/clock';
import { desk, deskFailure, loadDesk, setPresence } from '../../state/desk';
import { onOpen } from '../../state/live';
import { cutOff, room } from '../../state/room';
import { allowSound } from '../../state/sound';
import { duration, t } from '../../words';
import { CallScreen } from '../call/CallScreen';
import { UndecidedPanel } from '../decision/UndecidedPanel';
import { RingingPanel } from '../bookings/Ringing';
import { Icon, type IconName } from '../parts/Icon';
import { Empty, Failure, Loading, Notice } from '../parts/Notice';
import { CallingBack } from './CallingBack';
import { NextBookings } from './NextBookings';
import { WrapUp } from './WrapUp';

/** The agent's own desk: the call when there is one, the open decision after it, else what comes next. */
export function Desk() {
  useEffect(() => {
    void loadUpcoming();
    return onOpen(() => void loadUpcoming());
  }, []);
  const view = desk.value;
  if (room.value) return <CallScreen key={room.value.callId} room={room.value} />;
  if (view === null) return deskFailure.value === null ? <Loading lines={6} /> : <Failure failure={deskFailure.value} retry={() => ((deskFailure.value = null), void loadDesk())} />;
  return (
    <div class="desk">
      <h1 class="unseen">{t('console.page.desk')}</h1>
      {deskFailure.value !== null && <Failure failure={deskFailure.value} dismiss={() => (deskFailure.value = null)} />}
      {cutOff.value !== null && <CutOff reason={cutOff.value} />}
      {ringing.value && <RingingPanel />}
      <CallingBack />
      {view.undecided_dossier_id !== null ? <UndecidedPanel key={view.undecided_dossier_id} dossierId={view.undecided_dossier_id} /> : ringing.value === null && view.ringing === null && <Standing view={view} />}
      <WrapUp />
      <NextBookings />
    </div>
  );
}

/** The call went away without anybody hanging up. */
function CutOff(props: { reason: NonNullable<typeof cutOff.value> }) {
  const away = (
    <button type="button" class="button quiet icon-only" aria-label={t('console.dismiss')} title={t('console.dismiss')} onClick={() => (cutOff.value = null)}>
      <Icon name="cross" />
    </button>
  );
  return (
    <Notice tone="caution" action={away}>
      {t(`console.cutoff.${props.reason}`)}
    </Notice>
  );
}

const LOOKS: Partial<Record<DeskView['presence'], { icon: IconName; tone: string }>> = {
  ready: { icon: 'headset', tone: 'positive' },
  wrap_up: { icon: 'clipboardCheck', tone: 'caution' },
  break: { icon: 'pause', tone: 'caution' },
};

/** What the desk waits for, in one sentence, with the one thing to do about it. */
function Standing(props: { view: DeskView }) {
  const { presence, wrap_up_until, waiting } = props.view;
  const look = LOOKS[presence] ?? { icon: 'circle' as const, tone: 'plain' };
  const isReady = presence === 'ready' || presence === 'offered' || presence === 'in_call';
  const beReady = (): void => {
    void allowSound();
    void setPresence('ready');
  };
  return (
    <section class={`card standing standing-${look.tone}`} aria-live="polite">
      <Empty icon={look.icon} title={t(`console.desk.${presence}.title`)}>
        <p>{t(`console.desk.${presence}.text`)}</p>
        {presence === 'wrap_up' && wrap_up_until !== null && (
          <p class="standing-timer tabular" role="timer">
            {duration(secondsUntil(wrap_up_until))}
          </p>
        )}
        {!isReady && (
          <button type="button" class="button primary large" onClick={beReady}>
            <Icon name="circleCheck" />
            {t(presence === 'wrap_up' ? 'console.desk.ready_now' : 'console.desk.get_ready')}
          </button>
        )}
        {!isReady && waiting > 0 && <p class="muted">{t('console.desk.waiting', { count: waiting })}</p>}
      </Empty>
    </section>
  );
}
