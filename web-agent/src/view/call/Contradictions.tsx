import type { CallFileView, FileDisagreement } from '@visavis/shared/wire';
import { code, t } from '../../words';
import { Icon } from '../parts/Icon';
import { fieldText } from './Fields';

/** What contradicts itself in what was read, by name, with every reading and its source; what the customer settled on is marked. */
export function Contradictions(props: { file: CallFileView }) {
  const { file } = props;
  if (file.disagreements.length === 0) return null;
  return (
    <section class="contradictions" aria-label={t('console.contradictions.title')}>
      <h3>
        <Icon name="triangleAlert" size={16} />
        {t('console.contradictions.title')}
      </h3>
      <ul>
        {file.disagreements.map((one) => (
          <Contradiction key={`${one.code}-${one.fields.join('-')}`} one={one} file={file} />
        ))}
      </ul>
    </section>
  );
}

function Contradiction(props: { one: FileDisagreement; file: CallFileView }) {
  const { one, file } = props;
  const standing = (name: string): string | undefined => file.fields.find((field) => field.name === name)?.value;
  // A doubt about the code lines as a whole concerns every field of theirs: the names say enough.
  const isWhole = one.code === 'check_digits' || one.code === 'zone_repaired';
  return (
    <li>
      <p>
        <strong>{code('disagreement', one.code)}</strong>
        <span class="muted"> · {one.fields.map((name) => t(`field.${name}`)).join(', ')}</span>
      </p>
      {!isWhole && (
        <ul class="readings">
          {one.readings.map((reading) => (
            <li key={`${reading.name}-${reading.value}`}>
              <span class="muted small">{one.fields.length > 1 ? t(`field.${reading.name}`) : code('source', reading.source)}</span>
              <span class="field-value">{fieldText(reading)}</span>
              {standing(reading.name) === reading.value && (
                <span class="reading-kept small" title={t('console.contradictions.kept_hint')}>
                  <Icon name="circleCheck" size={14} />
                  {t('console.contradictions.kept')}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
