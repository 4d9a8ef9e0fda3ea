import { Empty, Loading } from './view/parts/Notice';
import { SignIn } from './view/SignIn';
import { Shell } from './view/Shell';
import { resumeSession, session } from './state/session';
import { t } from './words';

/** The console: a sign-in, or the shell with its pages. */
export function App() {
  const now = session.value;
  switch (now.phase) {
    case 'in':
      return <Shell staff={now.staff} />;
    case 'out':
      return <SignIn because={now.because} />;
    case 'unreachable':
      return (
        <main class="alone">
          <Empty icon="wifiOff" title={t('console.unreachable.title')}>
            <p>{t('console.unreachable.text')}</p>
            <button type="button" class="button primary" onClick={() => void resumeSession()}>
              {t('console.retry')}
            </button>
          </Empty>
        </main>
      );
    case 'asking':
      return (
        <main class="alone">
          <Loading lines={3} />
        </main>
      );
  }
}
