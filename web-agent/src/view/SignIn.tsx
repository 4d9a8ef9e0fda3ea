import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '@visavis/shared/api';
import { brand } from '../state/brand';
import { now } from '../state/clock';
import { signIn } from '../state/session';
import { duration, t } from '../words';
import { LanguageSwitch } from './LanguageSwitch';
import { Icon } from './parts/Icon';
import { Failure, Notice } from './parts/Notice';

/** Name and password; says when they are wrong, when there were too many attempts, and why one is here again. */
export function SignIn(props: { because: 'fresh' | 'expired' | 'left' }) {
  const name = useRef<HTMLInputElement>(null);
  const [secret, setSecret] = useState('');
  const [isSeen, setSeen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [blockedUntil, setBlockedUntil] = useState(0);
  useEffect(() => {
    document.title = t('console.signin.title');
    name.current?.focus();
  }, []);
  const wait = Math.ceil((blockedUntil - now.value) / 1000);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBusy || wait > 0) return;
    setBusy(true);
    setFailure(null);
    try {
      await signIn(name.current?.value.trim() ?? '', secret);
    } catch (wrong) {
      setFailure(wrong);
      setSecret('');
      if (wrong instanceof ApiError && wrong.status === 429) setBlockedUntil(now.peek() + (wrong.retryAfter ?? 60) * 1000);
      name.current?.focus();
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="signin">
      <header class="signin-head">
        <span class="signin-brand">{brand.value?.name ?? 'Visavis'}</span>
        <LanguageSwitch />
      </header>
      <main class="card signin-card">
        <h1>{t('console.signin.title')}</h1>
        {props.because === 'expired' && failure === null && <Notice tone="info">{t('console.signin.expired')}</Notice>}
        {props.because === 'left' && failure === null && <Notice tone="positive">{t('console.signin.left')}</Notice>}
        {wait > 0 ? (
          <Notice tone="caution">{t('console.signin.limited', { time: duration(wait) })}</Notice>
        ) : (
          failure !== null && !(failure instanceof ApiError && failure.status === 429) && <Failure failure={failure} />
        )}
        <form onSubmit={(event) => void submit(event)}>
          <div class="field">
            <label for="name">{t('console.signin.name')}</label>
            <input id="name" class="input" ref={name} name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required />
          </div>
          <div class="field">
            <label for="password">{t('console.signin.password')}</label>
            <div class="password">
              <input
                id="password"
                class="input"
                name="password"
                type={isSeen ? 'text' : 'password'}
                autocomplete="current-password"
                required
                value={secret}
                onInput={(event) => setSecret(event.currentTarget.value)}
              />
              <button type="button" class="button quiet icon-only" aria-pressed={isSeen} aria-label={t('console.signin.show')} title={t('console.signin.show')} onClick={() => setSeen(!isSeen)}>
                <Icon name="eye" />
              </button>
            </div>
          </div>
          <button type="submit" class="button primary" aria-busy={isBusy} disabled={wait > 0}>
            <Icon name="logIn" />
            {isBusy ? t('console.signin.busy') : t('console.signin.submit')}
          </button>
        </form>
      </main>
    </div>
  );
}
