import { useState } from 'preact/hooks';
import type { CallFileView, CheckView, Outcome } from '@visavis/shared/wire';
import * as door from '../../door';
import { choose, lacking, LONGEST_NOTE, OUTCOMES, REASONS, type Draft } from '../../rules/decision';
import { findings, isBlocked } from '../../rules/findings';
import { localDay } from '../../state/bookings';
import { loadDesk } from '../../state/desk';
import { code, t } from '../../words';
import { Icon, type IconName } from '../parts/Icon';
import { Failure } from '../parts/Notice';
import { FindingList } from './FindingList';

const ICONS: Record<Outcome, IconName> = { approve: 'circleCheck', reject: 'circleX', redo: 'rotateCcw' };
const TONES: Record<Outcome, string> = { approve: 'positive', reject: 'negative', redo: 'primary' };

/** What is missing, then the outcome, its reason, a note, and one button. With `onSecond`, the word of the second person. */
export function Decision(props: { file: CallFileView; checks: readonly CheckView[]; left?: number; isInCall: boolean; onSecond?: () => void }) {
  const { file } = props;
  const [draft, setDraft] = useState<Draft>({ outcome: null, reason: null, note: '' });
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const found = findings(file, props.checks, localDay(new Date()), props.left);
  const blocked = props.onSecond === undefined && isBlocked(found);
  const lacks = lacking(draft, blocked);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (draft.outcome === null || draft.reason === null || lacks !== null || isBusy) return;
    setBusy(true);
    setFailure(null);
    try {
      const decision = { outcome: draft.outcome, reason: draft.reason, note: draft.note.trim() === '' ? null : draft.note.trim() };
      await (props.onSecond === undefined ? door.decide : door.decideSecond)(file.dossier_id, decision);
      if (props.onSecond === undefined) await loadDesk();
      else props.onSecond();
    } catch (wrong) {
      setFailure(wrong);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="decision" onSubmit={(event) => void submit(event)}>
      <FindingList found={found} />
      <fieldset class="outcomes">
        <legend class="label">{t('console.decision.outcome')}</legend>
        {OUTCOMES.map((outcome) => (
          <label key={outcome} class={`outcome-choice ${draft.outcome === outcome ? 'is-chosen' : ''}`}>
            <input type="radio" name="outcome" value={outcome} checked={draft.outcome === outcome} disabled={outcome === 'approve' && blocked} onChange={() => setDraft(choose(draft, outcome))} />
            <Icon name={ICONS[outcome]} />
            {t(`outcome.${outcome}`)}
          </label>
        ))}
        {blocked && <p class="small muted">{t('console.decision.blocked')}</p>}
      </fieldset>
      {draft.outcome !== null && <Reason outcome={draft.outcome} draft={draft} change={setDraft} />}
      {failure !== null && <Failure failure={failure} />}
      <button type="submit" class={`button large ${draft.outcome === null ? 'primary' : TONES[draft.outcome]}`} disabled={lacks !== null} aria-busy={isBusy}>
        {draft.outcome === null ? t('console.decision.submit') : t(`console.decision.submit_${draft.outcome}`)}
      </button>
      <p class="small muted">{lacks === null ? t(props.isInCall ? 'console.decision.ends_call' : 'console.decision.final') : t(`console.decision.lacks_${lacks}`)}</p>
    </form>
  );
}

function Reason(props: { outcome: Outcome; draft: Draft; change: (draft: Draft) => void }) {
  const { outcome, draft, change } = props;
  const reasons = REASONS[outcome];
  return (
    <>
      {reasons.length > 1 && (
        <div class="field">
          <label for="decision-reason">{t('console.decision.reason')}</label>
          <select id="decision-reason" class="input" value={draft.reason ?? ''} onChange={(event) => change({ ...draft, reason: event.currentTarget.value || null })}>
            <option value="">{t('console.decision.choose_reason')}</option>
            {reasons.map((reason) => (
              <option key={reason} value={reason}>
                {code('reason', reason)}
              </option>
            ))}
          </select>
        </div>
      )}
      <div class="field">
        <label for="decision-note">{t(draft.reason === 'other' ? 'console.decision.note_needed' : 'console.decision.note')}</label>
        <textarea id="decision-note" class="input" rows={2} maxLength={LONGEST_NOTE} value={draft.note} onInput={(event) => change({ ...draft, note: event.currentTarget.value })} />
      </div>
    </>
  );
}
