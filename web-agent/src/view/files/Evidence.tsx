import type { CallFileView, FiledCall, FiledConsent } from '@visavis/shared/wire';
import { code, languageName, maybe, t } from '../../words';
import { Fields } from '../call/Fields';
import { Photos } from '../call/Photos';
import { Badge } from '../parts/Badge';
import { Time } from '../parts/Time';

/** What was photographed and what was confirmed. The stills stand with their call. */
export function Evidence(props: { file: CallFileView; calls: readonly FiledCall[] }) {
  const { file } = props;
  return (
    <section class="card" aria-labelledby="evidence-title">
      <h2 id="evidence-title">{t('console.evidence.title')}</h2>
      <div class="evidence-columns">
        <div>
          <Photos file={file} />
          <dl class="hashes">
            {file.captures.map((capture) => (
              <div key={capture.id}>
                <dt class="small muted">{code('side', capture.side)}</dt>
                <dd class="hash">SHA-256 {capture.sha256}</dd>
                {capture.portrait_sha256 !== null && (
                  <>
                    <dt class="small muted">{t('console.photo.portrait')}</dt>
                    <dd class="hash">SHA-256 {capture.portrait_sha256}</dd>
                  </>
                )}
              </div>
            ))}
          </dl>
        </div>
        <Fields file={file} />
      </div>
    </section>
  );
}

/** What the customer agreed to, with the hash of the exact words. */
export function Consents(props: { consents: readonly FiledConsent[] }) {
  return (
    <section class="card" aria-labelledby="consents-title">
      <h2 id="consents-title">{t('console.consents.title')}</h2>
      {props.consents.length === 0 ? (
        <p class="muted">{t('console.consents.none')}</p>
      ) : (
        <ul class="consents">
          {props.consents.map((consent) => (
            <li key={`${consent.kind}-${consent.at}`}>
              <span class="consent-what">
                <strong>{maybe(`consent.${consent.kind}.title`, consent.kind)}</strong>
                <Badge tone={consent.given ? 'positive' : 'negative'} icon={consent.given ? 'circleCheck' : 'circleX'}>
                  {t(consent.given ? 'console.consents.given' : 'console.consents.refused')}
                </Badge>
              </span>
              <span class="muted small">
                <Time at={consent.at} form="both" /> · {t('console.consents.version', { version: consent.version })} · {languageName(consent.locale)}
              </span>
              <span class="hash">SHA-256 {consent.text_sha256}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
