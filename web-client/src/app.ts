/**
 * The page: holds what the server says about the application and shows its screen.
 *
 * The server decides where the customer stands (`ApplicationView.step`); a screen may make a short detour of the customer's
 * own (choose another document, check the camera) and may hold the page for a moment (look at the photograph just taken).
 */
import { ApiError, find, get, post } from '@visavis/shared/api';
import { paint } from '@visavis/shared/brand';
import type { Language } from '@visavis/shared/i18n';
import { Live, liveAddress, type Push } from '@visavis/shared/protocol';
import type { ApplicationStep, ApplicationView, BrandView, RingView } from '@visavis/shared/wire';

import type { Form } from './form';
import { screens, type ScreenName } from './screens/index';
import { Shell } from './shell';
import { preferredLanguage, rememberLanguage, sentenceOf, t, words } from './words';

/** What a screen gives the page to show. */
export interface Screen {
  /** The main heading; focused when the screen comes. */
  title: string;
  /** What stands under the heading, or the whole screen when `full`. */
  body: Node;
  /** Covers the whole window: camera and call. The body brings its own `h1`. */
  full?: boolean;
  /** While true the server's next screen waits until the customer goes on. */
  holds?: boolean;
  /** The application changed and this is still its screen. */
  update?(view: ApplicationView): void;
  /** A message of the server. */
  push?(push: Push): void;
  /** The live socket is open (again); `isNewRun` when the server itself had started anew since. */
  reopened?(isNewRun: boolean): void;
  /** The screen goes away. */
  leave?(): void;
}

/** Makes a screen. */
export type ScreenMaker = (app: App) => Screen | Promise<Screen>;

/** The page of one customer. */
export class App {
  /** The application, once begun. */
  view: ApplicationView | null = null;
  /** The secret of the resume link, while this page knows it. */
  resumeToken: string | null = null;
  /** The secret of a booking link this page was opened with. */
  bookingToken: string | null = null;
  /** The customer chose to go on without a good picture. */
  goesOnAnyway = false;
  /** What is being typed, kept while the page is open. */
  form: Form | null = null;
  /** Name and colour of the house. */
  brand: BrandView = { name: 'Visavis', accent: '', phone_url: null, phone_qr_svg: null };
  /** The live socket, once there is an application. */
  live: Live | null = null;

  readonly shell: Shell;
  #screen: Screen | null = null;
  #name: ScreenName | null = null;
  #detour: ScreenName | null = null;
  #turn = 0;

  constructor(root: HTMLElement) {
    this.shell = new Shell(root, this);
  }

  /** Reads who the customer is and shows the first screen. */
  async start(): Promise<void> {
    await words.speak(preferredLanguage());
    addEventListener('hashchange', () => void this.#follow());
    addEventListener('online', () => this.live?.nudge());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.live?.nudge());
    const brand = get<BrandView>('/api/v1/brand').then((view) => {
      this.brand = view;
      paint(view.accent, document.documentElement.style);
      document.title = view.name;
    });
    await Promise.allSettled([brand, this.#follow()]);
    this.shell.draw();
  }

  /** Reads the application anew and shows its screen. */
  async refresh(): Promise<void> {
    const view = await find<ApplicationView>('/api/v1/application');
    if (view === null) await this.#show('welcome');
    else await this.apply(view);
  }

  /** Takes over what the server says; shows the screen it names. */
  async apply(view: ApplicationView): Promise<void> {
    this.resumeToken = view.resume_token ?? this.resumeToken;
    this.view = view;
    this.#listen();
    if (this.#screen?.holds) return;
    if (this.#detour !== null && !detourFits(this.#detour, view.step)) this.#detour = null;
    const name = this.#detour ?? view.step;
    if (this.#name === 'call' && name === 'waiting') this.shell.tellNext(t('client.call.end.server_lost'));
    if (name === this.#name) this.#screen?.update?.(view);
    else await this.#show(name);
  }

  /** A way of the customer's own, until {@link proceed}. */
  async detour(name: ScreenName): Promise<void> {
    this.#detour = name;
    await this.#show(name);
  }

  /** Back to where the server says the customer stands. */
  async proceed(view?: ApplicationView): Promise<void> {
    this.#detour = null;
    if (this.#screen) this.#screen.holds = false;
    this.#name = null;
    if (view) await this.apply(view);
    else await this.refresh();
  }

  /** Another language, everywhere at once. */
  async speak(language: Language): Promise<void> {
    await words.speak(language);
    rememberLanguage(language);
    if (this.#name !== null) await this.#show(this.#name);
  }

  /** Does something; what goes wrong is said in a banner, and the truth is read again where it changed. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    this.shell.clearTrouble();
    try {
      await work();
      return true;
    } catch (error) {
      await this.fail(error);
      return false;
    }
  }

  /** Says what went wrong. */
  async fail(error: unknown): Promise<void> {
    if (!(error instanceof ApiError)) console.error(error);
    if (error instanceof ApiError && (error.status === 409 || error.status === 401)) await this.refresh().catch(() => undefined);
    this.shell.trouble(sentenceOf(error));
  }

  async #follow(): Promise<void> {
    const [, kind, token] = /^#\/(resume|booking|ring)\/([\w-]+)$/.exec(location.hash) ?? [];
    try {
      if (kind === 'booking' && token !== undefined) {
        this.bookingToken = token;
        await this.detour('booking_link');
      } else if (kind !== undefined && token !== undefined) {
        history.replaceState(null, '', location.pathname);
        await (kind === 'resume' ? this.#resume(token) : this.#ringing(token));
      } else {
        await this.refresh();
      }
    } catch (error) {
      if (this.#name === null) await this.#show('unreachable');
      this.shell.trouble(sentenceOf(error));
    }
  }

  async #resume(token: string): Promise<void> {
    try {
      const view = await post<ApplicationView>('/api/v1/application/resume', { token });
      this.resumeToken = token;
      await this.proceed(view);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      await this.#show('link_unknown');
    }
  }

  /** The link of a message that says somebody is calling. */
  async #ringing(token: string): Promise<void> {
    try {
      await this.proceed(await post<ApplicationView>(`/api/v1/ring/by-link/${token}`));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      await this.#show('link_unknown');
      return;
    }
    const ring = await find<RingView>('/api/v1/ring');
    if (ring !== null) await this.shell.ring(ring);
    else this.shell.trouble(t('client.ring.over'));
  }

  #listen(): void {
    if (this.live !== null) return;
    this.live = new Live(liveAddress('/api/v1/live/customer', location), {
      push: (push) => this.#hear(push),
      opened: (again, isNewRun) => {
        this.#screen?.reopened?.(isNewRun);
        if (again) void this.refresh().catch(() => undefined);
      },
      state: (state) => this.shell.connection(state),
    });
  }

  #hear(push: Push): void {
    this.#screen?.push?.(push);
    if (push.type === 'ring') void this.shell.ring(push.ring);
    else if (push.type === 'ring_ended') this.shell.ringEnded();
    else if (push.type === 'application_changed' || push.type === 'call_started') void this.refresh().catch(() => undefined);
  }

  async #show(name: ScreenName): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const maker = await screens[name]();
    if (turn !== this.#turn) return;
    this.#screen?.leave?.();
    this.#screen = null;
    const screen = await maker(this);
    if (turn !== this.#turn) {
      screen.leave?.();
      return;
    }
    this.#screen = screen;
    this.#name = name;
    this.shell.show(screen, name);
  }
}

/** Which detours make sense at which step of the server. */
const DETOURS: Partial<Record<ScreenName, readonly ApplicationStep[]>> = {
  document: ['document', 'capture_front', 'capture_back', 'reading', 'details', 'consents'],
  capture_front: ['capture_front', 'capture_back', 'reading', 'details', 'consents'],
  capture_back: ['capture_back', 'reading', 'details', 'consents'],
  details: ['details', 'consents', 'reading'],
  consents: ['details', 'consents'],
  device: ['when', 'booked'],
  device_check: ['booked'],
  change_slot: ['when', 'booked', 'waiting'],
};

function detourFits(detour: ScreenName, step: ApplicationStep): boolean {
  return detour === 'booking_link' || (DETOURS[detour]?.includes(step) ?? false);
}
