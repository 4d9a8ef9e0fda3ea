import { useState } from 'preact/hooks';
import type { CallFileView, CheckKind, CheckView, Outcome } from '@visavis/shared/wire';
import * as door from '../../door';
import { choose, items, lacking, LONGEST_NOTE, OUTCOMES, REASONS, SECOND_OUTCOMES, type Draft } from '../../rules/decision';
import { findings, isBlocked } from '../../rules/findings';
import { localDay } from '../../state/bookings';
import { loadDesk } from '../../state/desk';
import { code, maybe, t } from '../../words';
import { Icon, type IconName } from '../parts/Icon';
import { Failure } from '../parts/Notice';
import { FindingList } from './FindingList';

const ICONS: Record<Outcome, IconName> = { approve: 'circleCheck', reject: 'circleX', redo: 'rotateCcw', suspect: 'flag', abort: 'phoneOff' };
const TONES: Record<Outcome, string> = { approve: 'positive', reject: 'negative', redo: 'primary', suspect: 'negative', abort: 'primary' };

/** What is missing, then the outcome, its reason, a note, and one button. With `onSecond`, the word of the second person. */
export function Decision(props: { file: CallFileView; checks: readonly CheckView[]; left?: number; carried?: readonly CheckKind[]; isInCall: boolean; onSecond?: () => void }) {
  const { file } = props;
  const [draft, setDraft] = useState<Draft>({ outcome: null, reason: null, item: '', note: '' });
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const found = findings(file, props.checks, localDay(new Date()), props.left, props.carried);
  const blocked = props.onSecond === undefined && isBlocked(found);
  const lacks = lacking(draft, blocked);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (draft.outcome === null || draft.reason === null || lacks !== null || isBusy) return;
    setBusy(true);
    setFailure(null);
    try {
      const decision = { outcome: draft.outcome, reason: draft.reason, ...(draft.item === '' ? {} : { item: draft.item }), note: draft.note.trim() === '' ? null : draft.note.trim() };
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
        {(props.onSecond === undefined ? OUTCOMES : SECOND_OUTCOMES).map((outcome) => (
          <label key={outcome} class={`outcome-choice ${draft.outcome === outcome ? 'is-chosen' : ''}`}>
            <input type="radio" name="outcome" value={outcome} checked={draft.outcome === outcome} disabled={outcome === 'approve' && blocked} onChange={() => setDraft(choose(draft, outcome))} />
            <Icon name={ICONS[outcome]} />
            {t(`outcome.${outcome}`)}
          </label>
        ))}
        {blocked && <p class="small muted">{t('console.decision.blocked')}</p>}
      </fieldset>
      {draft.outcome !== null && <Reason outcome={draft.outcome} draft={draft} change={setDraft} items={items(file)} />}
      {failure !== null && <Failure failure={failure} />}
      <button type="submit" class={`button large ${draft.outcome === null ? 'primary' : TONES[draft.outcome]}`} disabled={lacks !== null} aria-busy={isBusy}>
        {draft.outcome === null ? t('console.decision.submit') : t(`console.decision.submit_${draft.outcome}`)}
      </button>
      <p class="small muted">{lacks === null ? t(props.isInCall ? 'console.decision.ends_call' : 'console.decision.final') : t(`console.decision.lacks_${lacks}`)}</p>
    </form>
  );
}

function Reason(props: { outcome: Outcome; draft: Draft; change: (draft: Draft) => void; items: readonly string[] }) {
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
      {outcome === 'redo' && (
        <div class="field">
          <label for="decision-item">{t('console.decision.item')}</label>
          <select id="decision-item" class="input" value={draft.item} onChange={(event) => change({ ...draft, item: event.currentTarget.value })}>
            <option value="">{t('console.decision.all_of_it')}</option>
            {props.items.map((item) => (
              <option key={item} value={item}>
                {itemName(item)}
              </option>
            ))}
          </select>
        </div>
      )}
      {(outcome === 'suspect' || outcome === 'abort') && <p class="small muted">{t(`console.decision.about_${outcome}`)}</p>}
      <div class="field">
        <label for="decision-note">{t(draft.reason === 'other' ? 'console.decision.note_needed' : 'console.decision.note')}</label>
        <textarea id="decision-note" class="input" rows={2} maxLength={LONGEST_NOTE} value={draft.note} onInput={(event) => change({ ...draft, note: event.currentTarget.value })} />
      </div>
    </>
  );
}

/** The one thing to be done again, in words. */
export function itemName(item: string): string {
  return maybe(`redo_item.${item}`, maybe(`console.step.${item}`, item));
}
