import { useState } from 'preact/hooks';
import type { DossierView, FiledCall } from '@visavis/shared/wire';
import * as door from '../../door';
import { hasRole } from '../../state/session';
import { code, t } from '../../words';
import { Place } from '../call/Asked';
import { FiledComparison, LightBadge } from '../call/Comparison';
import { Hints, Listed } from '../call/Warnings';
import { Badge } from '../parts/Badge';
import { Icon } from '../parts/Icon';
import { Failure, Notice } from '../parts/Notice';
import { Time } from '../parts/Time';

/** What the house remembers of this person, and words of suspicion: before anything else. */
export function Remembered(props: { view: DossierView }) {
  const { listed, suspicions } = props.view.file;
  return (
    <>
      <Listed hits={listed} />
      {suspicions.length > 0 && (
        <Notice tone="negative" live={false}>
          <strong>{t('console.suspicion.filed')}</strong> {suspicions.map((reason) => code('reason', reason)).join('; ')}
        </Notice>
      )}
    </>
  );
}

/** Questions with their answers, the place, signs about the picture of one call. */
export function Found(props: { call: FiledCall }) {
  const { call } = props;
  const likeness = call.checks.findLast((check) => check.likeness !== null)?.likeness;
  const questions = call.sheets.flatMap((sheet) => sheet.questions);
  const places = call.sheets.flatMap((sheet) => (sheet.place === null ? [] : [sheet.place]));
  return (
    <>
      <Hints hints={call.hints} />
      {likeness != null && <LightBadge likeness={likeness} />}
      <FiledComparison lines={call.comparison} />
      {questions.length > 0 && (
        <table class="table">
          <caption>{t('console.step.questions')}</caption>
          <tbody>
            {questions.map((line) => (
              <tr key={line.question}>
                <th scope="row">{code('question', line.question)}</th>
                <td>{line.answer === '' ? '–' : line.answer}</td>
                <td>{line.mark !== null && <Badge tone={line.mark === 'right' ? 'positive' : 'negative'}>{t(`mark.${line.mark}`)}</Badge>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {places.map((place) => (
        <div key={place.taken_at}>
          <Place place={place} />
          <p class="small muted">
            <Time at={place.taken_at} form="both" /> · {t('console.place.agreed')} <span class="hash">SHA-256 {place.consent_sha256}</span>
          </p>
        </div>
      ))}
    </>
  );
}

/** Until when the file is kept; a supervisor may hold it. */
export function Keeping(props: { view: DossierView; reload: () => void }) {
  const { view } = props;
  const [failure, setFailure] = useState<unknown>(null);
  if (view.keep_until === null) return null;
  const isHeld = view.held_at !== null;
  const hold = (): void => void door.legalHold(view.file.dossier_id, !isHeld).then(props.reload, setFailure);
  return (
    <section class="card keeping" aria-labelledby="keeping-title">
      <h2 id="keeping-title">{t('console.keeping.title')}</h2>
      {failure !== null && <Failure failure={failure} />}
      {view.erased_at !== null ? (
        <p>
          {t('console.keeping.erased')} <Time at={view.erased_at} form="both" />
        </p>
      ) : (
        <>
          <p>
            {t('console.keeping.until')} <Time at={view.keep_until} form="both" />{' '}
            {isHeld && (
              <Badge tone="caution" icon="lock">
                {t('console.keeping.held')}
              </Badge>
            )}
          </p>
          {hasRole('supervisor') && (
            <button type="button" class="button" aria-pressed={isHeld} onClick={hold}>
              <Icon name="lock" />
              {t(isHeld ? 'console.keeping.release' : 'console.keeping.hold')}
            </button>
          )}
        </>
      )}
    </section>
  );
}
