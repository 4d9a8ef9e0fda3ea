import { useEffect, useState } from 'preact/hooks';
import type { WrapUpNote } from '@visavis/shared/wire';
import * as door from '../../door';
import { t } from '../../words';
import { Time } from '../parts/Time';

/** What agents wrote down after the calls of a file, for whoever decides about it; who reads it stands in the journal. */
export function WrapUpNotes(props: { dossier: string }) {
  const [notes, setNotes] = useState<WrapUpNote[]>([]);
  useEffect(() => {
    door.wrapUpNotes(props.dossier).then(setNotes, () => setNotes([]));
  }, [props.dossier]);
  if (notes.length === 0) return null;
  return (
    <section class="card" aria-labelledby="file-notes">
      <h2 id="file-notes">{t('console.file.notes')}</h2>
      <ul class="team-list">
        {notes.map((note) => (
          <li key={note.at} class="wrap-note">
            <p>{note.body}</p>
            <p class="muted small">
              {note.agent_name} · <Time at={note.at} form="both" />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
