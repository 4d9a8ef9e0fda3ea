import { useState } from 'preact/hooks';
import { desk, moreTime, writeNote } from '../../state/desk';
import { t } from '../../words';
import { Icon } from '../parts/Icon';

/** In wrap-up: two minutes more, and a note for whoever decides about the file. */
export function WrapUp() {
  const [note, setNote] = useState('');
  const [isSaved, setSaved] = useState(false);
  if (desk.value?.presence !== 'wrap_up') return null;
  const save = (event: Event): void => {
    event.preventDefault();
    void writeNote(note).then((worked) => {
      if (!worked) return;
      setNote('');
      setSaved(true);
    });
  };
  return (
    <form class="card row" onSubmit={save} aria-label={t('console.wrap_up.title')}>
      <button type="button" class="button" onClick={() => void moreTime(120)}>
        <Icon name="plus" />
        {t('console.wrap_up.more')}
      </button>
      <input class="input wrap-up-note" maxLength={2000} placeholder={t('console.wrap_up.note')} aria-label={t('console.wrap_up.note')} value={note} onInput={(event) => (setNote(event.currentTarget.value), setSaved(false))} />
      <button type="submit" class="button" disabled={note.trim() === ''}>
        {t('console.wrap_up.save')}
      </button>
      <span role="status" class="muted small">
        {isSaved ? t('console.wrap_up.saved') : ''}
      </span>
    </form>
  );
}
