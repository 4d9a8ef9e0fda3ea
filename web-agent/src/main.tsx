import { render } from 'preact';
import { paint } from '@visavis/shared/brand';
import { App } from './app';
import * as door from './door';
import { followBookings } from './state/bookings';
import { brand } from './state/brand';
import { followDesk } from './state/desk';
import { followConnection } from './state/connection';
import { followCalls } from './state/room';
import { followScript } from './state/script';
import { resumeSession } from './state/session';
import { allowSoundOnFirstTouch } from './state/sound';
import { loadWords } from './words';
import './style/console.css';

async function start(): Promise<void> {
  await loadWords();
  followConnection();
  followDesk();
  followBookings();
  followCalls();
  followScript();
  allowSoundOnFirstTouch();
  const root = document.getElementById('app');
  if (root) render(<App />, root);
  void resumeSession();
  door.brand().then(
    (view) => {
      brand.value = view;
      paint(view.accent, document.documentElement.style);
    },
    () => undefined,
  );
}

void start();
