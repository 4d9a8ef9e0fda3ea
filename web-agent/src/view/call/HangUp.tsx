import { useEffect, useRef, useState } from 'preact/hooks';
import { isSettled } from '../../rules/script';
import type { Room } from '../../state/room';
import { script } from '../../state/script';
import { t } from '../../words';
import { Dialog } from '../parts/Dialog';
import { Icon } from '../parts/Icon';
import { Failure } from '../parts/Notice';

/** Asks once before the customer is sent away, and says what would stay undone. */
export function HangUp(props: { room: Room; onClose: () => void }) {
  const [failure, setFailure] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const open = script.value.filter((step) => step.id !== 'decide' && !isSettled(step.state)).length;
  useEffect(() => button.current?.focus(), []);
  const hangUp = async (): Promise<void> => {
    setBusy(true);
    try {
      await props.room.hangUp();
    } catch (wrong) {
      setFailure(wrong);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('console.hangup.title')} onClose={props.onClose}>
      <p>{open > 0 ? t('console.hangup.open', { count: open }) : t('console.hangup.text')}</p>
      {failure !== null && <Failure failure={failure} />}
      <div class="row end">
        <button type="button" class="button" onClick={props.onClose}>
          {t('console.hangup.stay')}
        </button>
        <button type="button" class="button danger" ref={button} aria-busy={isBusy} disabled={isBusy} onClick={() => void hangUp()}>
          <Icon name="phoneOff" />
          {t('console.call.hang_up')}
        </button>
      </div>
    </Dialog>
  );
}
