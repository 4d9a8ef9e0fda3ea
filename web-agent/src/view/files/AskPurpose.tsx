import { useState } from 'preact/hooks';
import { purpose, PURPOSES, type Purpose } from '../../state/files';
import { code, t } from '../../words';
import { Icon } from '../parts/Icon';

/** Why a file is opened. Nothing of it is fetched before this is answered. */
export function AskPurpose(props: { onCancel: () => void }) {
  const [chosen, setChosen] = useState<Purpose>('review');
  const open = (event: Event): void => {
    event.preventDefault();
    purpose.value = chosen;
  };
  return (
    <form class="card ask-purpose" onSubmit={open}>
      <h1>
        <Icon name="eye" size={24} />
        {t('console.purpose.title')}
      </h1>
      <p class="muted">{t('console.purpose.text')}</p>
      <div class="field">
        <label for="purpose">{t('console.purpose.label')}</label>
        <select id="purpose" class="input" value={chosen} autoFocus onChange={(event) => setChosen(event.currentTarget.value as Purpose)}>
          {PURPOSES.map((which) => (
            <option key={which} value={which}>
              {code('purpose', which)}
            </option>
          ))}
        </select>
      </div>
      <div class="row end">
        <button type="button" class="button" onClick={props.onCancel}>
          {t('console.cancel')}
        </button>
        <button type="submit" class="button primary">
          {t('console.purpose.open')}
        </button>
      </div>
    </form>
  );
}
