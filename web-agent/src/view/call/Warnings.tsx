import { useState } from 'preact/hooks';
import type { CallFileView, HintView, ListHit } from '@visavis/shared/wire';
import * as door from '../../door';
import { SUSPECT_REASONS } from '../../rules/decision';
import { clockText } from '../../rules/media';
import { code, t } from '../../words';
import { Icon } from '../parts/Icon';
import { Failure, Notice } from '../parts/Notice';
import { Popover } from '../parts/Popover';

/** What an agent has to know from the first second: the negative list, and what the picture gives away. */
export function Warnings(props: { file: CallFileView; hints: readonly HintView[] }) {
  return (
    <>
      <Listed hits={props.file.listed} />
      <Hints hints={props.hints} />
    </>
  );
}

/** The person is on the negative list. The customer is not told. */
export function Listed(props: { hits: readonly ListHit[] }) {
  if (props.hits.length === 0) return null;
  return (
    <Notice tone="negative">
      <strong>{t('console.listed.title')}</strong>
      <ul>
        {props.hits.map((hit) => (
          <li key={`${hit.key_kind}-${hit.at}`}>
            {code('list_key', hit.key_kind)}: {code('list_reason', hit.reason)}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** Signs that the picture may not come from a camera: hints, and said to be no more. */
export function Hints(props: { hints: readonly HintView[] }) {
  if (props.hints.length === 0) return null;
  return (
    <Notice tone="caution">
      <strong>{t('console.hints.title')}</strong> <span class="small">{t('console.hints.only')}</span>
      <ul>
        {props.hints.map((hint) => (
          <li key={`${hint.source}-${hint.code}`}>
            {code('hint', hint.code)}{' '}
            <span class="small muted tabular">
              {code('hint_source', hint.source)} · {t('console.script.at', { time: clockText(hint.media_ms / 1000) })}
            </span>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** A quiet word that something is wrong: nothing changes on the customer's side. */
export function Suspicion(props: { dossierId: string; raised: readonly string[] }) {
  const [reason, setReason] = useState<string | null>(props.raised.at(-1) ?? null);
  const [failure, setFailure] = useState<unknown>(null);
  const raise = (wanted: string, close: () => void): void => {
    door.raiseSuspicion(props.dossierId, wanted).then(
      () => (setReason(wanted), setFailure(null), close()),
      (wrong: unknown) => setFailure(wrong),
    );
  };
  const label = (
    <>
      <Icon name="flag" />
      {t(reason === null ? 'console.suspicion.raise' : 'console.suspicion.raised')}
    </>
  );
  return (
    <Popover label={label} name={t('console.suspicion.raise')} className={`button ${reason === null ? 'quiet' : 'negative'}`}>
      {(close) => (
        <div class="menu suspicion">
          <p class="small muted">{t('console.suspicion.text')}</p>
          {failure !== null && <Failure failure={failure} />}
          {SUSPECT_REASONS.map((one) => (
            <button key={one} type="button" class="menu-item" aria-pressed={one === reason} onClick={() => raise(one, close)}>
              <Icon name={one === reason ? 'check' : 'flag'} />
              {code('reason', one)}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
}
