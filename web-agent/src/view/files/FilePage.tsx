import { useEffect, useState } from 'preact/hooks';
import type { DossierView } from '@visavis/shared/wire';
import * as door from '../../door';
import { purpose, type Purpose } from '../../state/files';
import { desk } from '../../state/desk';
import { onPush } from '../../state/live';
import { go } from '../../state/route';
import { code, language, languageName, t } from '../../words';
import { Decision, itemName } from '../decision/Decision';
import { Badge, StateBadge } from '../parts/Badge';
import { Icon } from '../parts/Icon';
import { Empty, Failure, Loading } from '../parts/Notice';
import { Time } from '../parts/Time';
import { NoPermission } from '../Shell';
import { Calls } from './Calls';
import { Consents, Evidence } from './Evidence';
import { AskPurpose } from './AskPurpose';
import { Keeping, Remembered } from './Found';
import { SecondPerson } from './SecondPerson';
import { Timeline, Views } from './Timeline';
import { WrapUpNotes } from './WrapUpNotes';

/** One customer file on one page. Why it is opened is asked first, once per visit: the server files it with every look. */
export function FilePage(props: { id: string }) {
  const why = purpose.value;
  if (why === null) return <AskPurpose onCancel={() => go({ name: 'files' })} />;
  return <Opened id={props.id} why={why} />;
}

function Opened(props: { id: string; why: Purpose }) {
  const [view, setView] = useState<DossierView | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const load = (): void => {
    setFailure(null);
    door.file(props.id, props.why).then(setView, setFailure);
  };
  useEffect(load, [props.id, props.why]);
  useEffect(() => onPush((push) => (push.type === 'check_changed' || push.type === 'desk_changed') && desk.peek()?.undecided_dossier_id === props.id && load()), [props.id]);
  const status = failure === null ? null : door.statusOf(failure);
  return (
    <div class="file-page">
      <nav class="back">
        <button type="button" class="button quiet" onClick={() => go({ name: 'files' })}>
          <Icon name="arrowLeft" />
          {t('console.file.back')}
        </button>
        <span class="spacer" />
        <button type="button" class="button quiet" onClick={() => (purpose.value = null)} title={t('console.purpose.change')}>
          <Icon name="eye" />
          {t('console.file.purpose', { purpose: code('purpose', props.why) })}
        </button>
        <a class="button" href={door.report(props.id, props.why, language.value)} target="_blank" rel="noreferrer">
          <Icon name="printer" />
          {t('console.file.report')}
        </a>
      </nav>
      {status === 403 && <NoPermission />}
      {status === 404 && (
        <Empty icon="folder" title={t('console.file.unknown')}>
          <p>{t('console.file.unknown_text')}</p>
        </Empty>
      )}
      {failure !== null && status !== 403 && status !== 404 && <Failure failure={failure} retry={load} />}
      {failure === null && view === null && <Loading lines={10} />}
      {view !== null && <Whole view={view} why={props.why} reload={load} />}
    </div>
  );
}

function Whole(props: { view: DossierView; why: Purpose; reload: () => void }) {
  const { view } = props;
  const { file } = view;
  const isOwed = desk.value?.undecided_dossier_id === file.dossier_id;
  const waiting = view.decisions.find((decision) => decision.waits_for_second) ?? null;
  return (
    <>
      <Head view={view} />
      <div class="file-columns">
        <div class="file-main">
          <Remembered view={view} />
          {isOwed && (
            <section class="card" aria-label={t('console.undecided.title')}>
              <h2>{t('console.undecided.title')}</h2>
              <Decision file={file} checks={view.calls.at(-1)?.checks ?? []} isInCall={false} />
            </section>
          )}
          {waiting !== null && <SecondPerson view={view} decision={waiting} reload={props.reload} />}
          <WrapUpNotes dossier={file.dossier_id} />
          <Calls calls={view.calls} why={props.why} />
          <Evidence file={file} calls={view.calls} />
          <Consents consents={view.consents} />
        </div>
        <div class="file-side">
          <Keeping view={view} reload={props.reload} />
          <Timeline lines={view.timeline} />
          <Views views={view.views} />
        </div>
      </div>
    </>
  );
}

function Head(props: { view: DossierView }) {
  const { file, decisions } = props.view;
  const name = file.fields.find((field) => field.name === 'full_name')?.value ?? joined(props.view);
  return (
    <header class="card file-title">
      <div>
        <h1>{name === '' ? t('console.no_name') : name}</h1>
        <p class="muted">
          <span class="tabular">{file.reference}</span>
          {file.document_kind !== null && <> · {code('document', file.document_kind)}</>} · {languageName(file.locale)}
        </p>
      </div>
      <StateBadge state={file.state} />
      {decisions.length > 0 && (
        <ol class="decisions" aria-label={t('console.file.decisions')}>
          {decisions.map((decision) => (
            <li key={decision.at}>
              <Badge tone={decision.outcome === 'approve' ? 'positive' : decision.outcome === 'reject' ? 'negative' : 'caution'}>{t(`outcome.${decision.outcome}`)}</Badge>
              <span>
                {code('reason', decision.reason)}
                {decision.item !== null && <>: {itemName(decision.item)}</>}
                {decision.note !== null && <q class="block muted">{decision.note}</q>}
              </span>
              <span class="muted small">
                {decision.agent_name} · <Time at={decision.at} form="both" />
              </span>
              {decision.waits_for_second && <Badge tone="caution">{t('console.second.waits')}</Badge>}
              {decision.second !== null && (
                <span class="second">
                  {t('console.second.said', { name: decision.second.checker_name, outcome: t(`outcome.${decision.second.outcome}`) })} · {code('reason', decision.second.reason)} ·{' '}
                  <Time at={decision.second.at} form="both" />
                  {decision.second.note !== null && <q class="block muted">{decision.second.note}</q>}
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
    </header>
  );
}

function joined(view: DossierView): string {
  const of = (name: string): string => view.file.fields.find((field) => field.name === name)?.value ?? '';
  return `${of('surname')} ${of('given_names')}`.trim();
}
