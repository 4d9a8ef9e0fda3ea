import type { StepId } from '../../rules/script';
import { pick } from '@visavis/shared/i18n';
import { brand } from '../../state/brand';
import { staff } from '../../state/session';
import { language, languageName, t, tIn } from '../../words';

/** A sentence to say, in the console's language and, when it differs, in the customer's. */
export function Say(props: { sentence: `console.say.${Exclude<StepId, 'decide' | 'more'>}`; locale: string }) {
  const values = { agent: staff.value?.display_name ?? '', house: brand.value?.name ?? '' };
  const theirs = pick([props.locale]);
  return (
    <div class="say">
      <p lang={theirs}>{tIn(theirs, props.sentence, values)}</p>
      {theirs !== language.value && (
        <p class="muted small">
          {t('console.say.means', { language: languageName(theirs) })} {t(props.sentence, values)}
        </p>
      )}
    </div>
  );
}
