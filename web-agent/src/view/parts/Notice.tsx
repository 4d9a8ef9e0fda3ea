import type { ComponentChildren } from 'preact';
import { failureText, t } from '../../words';
import { Icon, type IconName } from './Icon';

type Tone = 'info' | 'positive' | 'caution' | 'negative';
const ICONS: Record<Tone, IconName> = { info: 'info', positive: 'circleCheck', caution: 'triangleAlert', negative: 'circleX' };

/** One sentence that matters, with what to do about it. */
export function Notice(props: { tone: Tone; children: ComponentChildren; action?: ComponentChildren; live?: boolean }) {
  const role = props.live === false ? undefined : props.tone === 'negative' ? 'alert' : 'status';
  return (
    <div class={`banner ${props.tone}`} role={role}>
      <Icon name={ICONS[props.tone]} />
      <div class="banner-text">{props.children}</div>
      {props.action}
    </div>
  );
}

/** What did not work, in the reader's words, with the number of the request for the log. */
export function Failure(props: { failure: unknown; retry?: () => void; dismiss?: () => void }) {
  const { text, requestId } = failureText(props.failure);
  const action = props.retry ? (
    <button type="button" class="button" onClick={props.retry}>
      {t('console.retry')}
    </button>
  ) : props.dismiss ? (
    <button type="button" class="button quiet icon-only" aria-label={t('console.dismiss')} title={t('console.dismiss')} onClick={props.dismiss}>
      <Icon name="cross" />
    </button>
  ) : null;
  return (
    <Notice tone="negative" action={action}>
      {text}
      {requestId !== null && <small class="request-id">{t('console.request_id', { id: requestId })}</small>}
    </Notice>
  );
}

/** A page or panel with nothing in it: why, and what comes. */
export function Empty(props: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={props.icon} size={28} />
      <p class="empty-title">{props.title}</p>
      {props.children !== undefined && <div class="empty-text">{props.children}</div>}
    </div>
  );
}

/** Grey lines in the shape of what is being loaded. */
export function Loading(props: { lines?: number; label?: string }) {
  return (
    <div class="loading" role="status">
      <span class="unseen">{props.label ?? t('console.loading')}</span>
      {Array.from({ length: props.lines ?? 4 }, (_, at) => (
        <span key={at} class="loading-line" aria-hidden="true" />
      ))}
    </div>
  );
}
