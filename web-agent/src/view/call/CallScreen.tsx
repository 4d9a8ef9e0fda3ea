import { useEffect, useState } from 'preact/hooks';
import type { Room } from '../../state/room';
import { code, t } from '../../words';
import { useKeys } from '../keys';
import { Dialog } from '../parts/Dialog';
import { Empty, Failure, Loading } from '../parts/Notice';
import { CallStills } from './CallStills';
import { Chat } from './Chat';
import { Controls } from './Controls';
import { DocumentCamera } from './DocumentCamera';
import { Fields } from './Fields';
import { HangUp } from './HangUp';
import { KeyList } from './KeyList';
import { Photos } from './Photos';
import { PoseTrace } from './PoseTrace';
import { Rehearsal } from './Rehearsal';
import { Script } from './Script';
import { Stage } from './Stage';
import { Suspicion, Warnings } from './Warnings';

/** The call: the customer, the script, the file, side by side. */
export function CallScreen(props: { room: Room }) {
  const { room } = props;
  switch (room.phase.value) {
    case 'elsewhere':
      return (
        <Empty icon="monitorUp" title={t('console.call.elsewhere')}>
          <p>{t('console.call.elsewhere_text')}</p>
          <button type="button" class="button primary" onClick={() => void room.join()}>
            {t('console.call.take_back')}
          </button>
        </Empty>
      );
    case 'failed':
      return <Failure failure={room.failure.value} retry={() => void room.join()} />;
    case 'ended':
      return (
        <Empty icon="phoneOff" title={t('console.call.ended')}>
          <p>{room.endReason.value === null ? t('console.call.ended_text') : code('end', room.endReason.value)}</p>
        </Empty>
      );
    default:
      return room.view.value === null || room.file.value === null ? <Opening /> : <Running room={room} />;
  }
}

function Opening() {
  return (
    <div class="call">
      <div class="call-stage">
        <Empty icon="video" title={t('console.call.opening')}>
          <p>{t('console.call.opening_text')}</p>
        </Empty>
      </div>
      <Loading lines={7} />
      <Loading lines={7} />
    </div>
  );
}

function Running(props: { room: Room }) {
  const { room } = props;
  const [asks, setAsks] = useState<'hang_up' | 'keys' | null>(null);
  const view = room.view.value;
  const file = room.file.value;
  useKeys({
    m: () => room.toggleMute(),
    v: () => room.toggleCamera(),
    h: () => setAsks('hang_up'),
    c: () => document.getElementById('chat-text')?.focus(),
    z: () => document.querySelector<HTMLButtonElement>('[data-photo]')?.click(),
    '?': () => setAsks('keys'),
  });
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, []);
  if (view === null || file === null) return null;
  return (
    <div class="call">
      <h1 class="unseen">{t('console.call.title', { reference: file.reference })}</h1>
      <section class="call-stage" aria-label={t('console.call.stage')}>
        <Stage room={room} view={view} />
        <PoseTrace room={room} />
        <Photos file={file} hasKey />
        <DocumentCamera room={room} />
        <Controls room={room} onHangUp={() => setAsks('hang_up')} onKeys={() => setAsks('keys')} />
      </section>
      <section class="call-script" aria-label={t('console.script.title')}>
        <Warnings file={file} hints={view.hints} />
        <Script room={room} file={file} />
      </section>
      <section class="call-file" aria-label={t('console.file.title')}>
        <header class="file-head">
          <strong class="tabular">{file.reference}</strong>
          <span class="muted">{file.document_kind === null ? t('console.file.no_document') : code('card', file.document_kind)}</span>
          <span class="spacer" />
          <Suspicion dossierId={file.dossier_id} raised={file.suspicions} />
        </header>
        <CallStills stills={view.stills} />
        <Rehearsal rehearsal={file.rehearsal} />
        <Fields file={file} />
        <Chat room={room} lines={view.chat} />
      </section>
      {asks === 'hang_up' && <HangUp room={room} onClose={() => setAsks(null)} />}
      {asks === 'keys' && (
        <Dialog title={t('console.keys.title')} onClose={() => setAsks(null)}>
          <KeyList />
        </Dialog>
      )}
    </div>
  );
}
