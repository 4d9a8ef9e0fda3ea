import type { CallFileView, FileField } from '@visavis/shared/wire';
import { code, documentDate, number, t } from '../../words';
import { Badge } from '../parts/Badge';
import { Icon } from '../parts/Icon';
import { Contradictions } from './Contradictions';

const DATES = new Set(['birth_date', 'expiry_date', 'issue_date']);

/** A value as people write it. */
export function fieldText(field: { name: string; value: string }): string {
  if (field.value === '') return '–';
  if (DATES.has(field.name)) return documentDate(field.value);
  return field.name === 'sex' ? code('sex', field.value) : field.value;
}

/** What contradicts itself, then what the customer confirmed, where it was read, and where the two differ. Doubtful fields come first. */
export function Fields(props: { file: CallFileView }) {
  const { file } = props;
  const fields = [...file.fields].sort((a, b) => Number(b.doubtful) - Number(a.doubtful));
  return (
    <div class="fields-column">
      <Contradictions file={file} />
      <dl class="fields">
        {fields.map((field) => (
          <Field key={field.name} field={field} />
        ))}
        {file.email !== null && <Contact name={t('field.email')} value={file.email} />}
        {file.phone !== null && <Contact name={t('field.phone')} value={file.phone} />}
      </dl>
    </div>
  );
}

function Field(props: { field: FileField }) {
  const { field } = props;
  const wasRead = field.read_value !== null && field.origin === 'changed';
  return (
    <div class={`field-row ${field.doubtful ? 'is-doubtful' : ''}`}>
      <dt>{t(`field.${field.name}`)}</dt>
      <dd>
        <span class="field-value">{fieldText(field)}</span>
        {field.doubtful && (
          <Badge tone="caution" icon="triangleAlert" title={t('console.field.doubtful_hint')}>
            {t('console.field.doubtful')}
          </Badge>
        )}
        {field.origin === 'new' && (
          <Badge tone="plain" icon="keyboard" title={t('console.field.new_hint')}>
            {t('console.field.new')}
          </Badge>
        )}
        {wasRead && (
          <span class="field-read small">
            <Icon name="pencil" size={12} />
            {t('console.field.read_as')} <s>{fieldText({ name: field.name, value: field.read_value ?? '' })}</s>
          </span>
        )}
        {field.source !== null && (
          <span class="field-source muted small">
            {code('source', field.source)}
            {field.confidence !== null && <span class="tabular"> {number(field.confidence, { style: 'percent' })}</span>}
          </span>
        )}
      </dd>
    </div>
  );
}

function Contact(props: { name: string; value: string }) {
  return (
    <div class="field-row">
      <dt>{props.name}</dt>
      <dd>
        <span class="field-value">{props.value}</span>
      </dd>
    </div>
  );
}
