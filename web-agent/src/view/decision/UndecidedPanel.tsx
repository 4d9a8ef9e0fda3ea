import { useEffect, useState } from 'preact/hooks';
import type { DossierView } from '@visavis/shared/wire';
import * as door from '../../door';
import { secondsUntil } from '../../state/clock';
import { desk } from '../../state/desk';
import { duration, t } from '../../words';
import { Fields } from '../call/Fields';
import { Photos } from '../call/Photos';
import { Failure, Loading } from '../parts/Notice';
import { Stills } from '../files/Stills';
import { Decision } from './Decision';

/** After the call: the decision that is still owed, with the file beside it. */
export function UndecidedPanel(props: { dossierId: string }) {
  const [view, setView] = useState<DossierView | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const load = (): void => {
    setFailure(null);
    door.file(props.dossierId, 'review').then(setView, setFailure);
  };
  useEffect(load, [props.dossierId]);
  if (failure !== null) return <Failure failure={failure} retry={load} />;
  if (view === null) return <Loading lines={6} />;
  const call = view.calls.at(-1);
  const checks = call?.checks ?? [];
  const until = desk.value?.presence === 'wrap_up' ? desk.value.wrap_up_until : null;
  return (
    <section class="card undecided" aria-labelledby="undecided-title">
      <header class="section-head">
        <div>
          <h2 id="undecided-title">{t('console.undecided.title')}</h2>
          <p class="muted">
            <span class="tabular">{view.file.reference}</span> · {t('console.undecided.text')}
          </p>
        </div>
        {until !== null && (
          <p class="undecided-timer">
            <span class="muted small">{t('console.undecided.wrap_up')}</span>
            <strong class="tabular" role="timer">
              {duration(secondsUntil(until))}
            </strong>
          </p>
        )}
      </header>
      <div class="undecided-columns">
        <Decision file={view.file} checks={checks} carried={call?.plan?.carried ?? []} isInCall={false} />
        <div class="undecided-file">
          <Photos file={view.file} />
          <Stills checks={checks} />
          <Fields file={view.file} />
        </div>
      </div>
    </section>
  );
}
