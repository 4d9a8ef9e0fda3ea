/** Every request the console makes, one function each. Nothing else here talks HTTP. */
import { ApiError, del, get, post, put } from '@visavis/shared/api';
import type {
  AcceptedView,
  AddToList,
  AgentView,
  BookingRow,
  BrandView,
  CallFileView,
  CallView,
  CheckKind,
  CheckSheet,
  CheckState,
  CheckView,
  CodeView,
  CodeWay,
  ComparisonMark,
  CatalogueView,
  CutView,
  Decide,
  DeskView,
  DossierPage,
  DossierView,
  HoursConflicts,
  HoursView,
  ImportReport,
  LateFlag,
  ListEntry,
  LiveCalls,
  NewShift,
  NoteView,
  ObservedSdp,
  OfferView,
  Presence,
  QueueHealth,
  RecordingView,
  SetHours,
  ShiftView,
  SkillsView,
  StaffView,
  StillView,
  WrapUpNote,
} from '@visavis/shared/wire';

const API = '/api/v1';

/** HTTP status of a failure, 0 when the server was not reached, null when it was no answer at all. */
export function statusOf(failure: unknown): number | null {
  return failure instanceof ApiError ? failure.status : null;
}

/** Stable code of a failure. */
export function codeOf(failure: unknown): string {
  return failure instanceof ApiError ? failure.code : 'unexpected';
}

let onLostSession: () => void = () => undefined;

/** Who to tell when the server no longer knows the session. */
export function whenSessionIsLost(tell: () => void): void {
  onLostSession = tell;
}

async function guarded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (failure) {
    if (statusOf(failure) === 401) onLostSession();
    throw failure;
  }
}

const read = <T>(path: string): Promise<T> => guarded(get<T>(API + path));
const send = <T = void>(path: string, body?: unknown): Promise<T> => guarded(post<T>(API + path, body));

export const brand = (): Promise<BrandView> => get<BrandView>(`${API}/brand`);
export const whoAmI = (): Promise<StaffView> => get<StaffView>(`${API}/staff/me`);
export const signIn = (name: string, password: string): Promise<StaffView> => post<StaffView>(`${API}/staff/sign-in`, { name, password });
export const signOut = (): Promise<void> => post(`${API}/staff/sign-out`);

export const desk = (): Promise<DeskView> => read('/desk');
export const setPresence = (presence: Presence, reason: string | null): Promise<unknown> => send('/presence', { presence, reason });
/** More time to finish a call, something to write down about it, or both. */
export const wrapUp = (extendSeconds: number | null, note: string | null): Promise<DeskView> => send('/wrap-up', { extend_seconds: extendSeconds, note });
export const wrapUpNotes = (dossier: string): Promise<WrapUpNote[]> => read(`/dossiers/${dossier}/wrap-up-notes`);
export const agents = (): Promise<AgentView[]> => read('/agents');
export const catalogue = (): Promise<CatalogueView> => read('/queue/catalogue');
export const queueHealth = (): Promise<QueueHealth> => read('/queue/health');
export const queueNotes = (): Promise<NoteView[]> => read('/queue/notes');
export const seeNote = (id: string): Promise<void> => send(`/queue/notes/${id}/seen`);
export const forcePresence = (agent: string, presence: Presence): Promise<void> => send(`/agents/${agent}/presence`, { presence, reason: null });
export const setSkills = (agent: string, skills: SkillsView): Promise<void> => guarded(put(`${API}/agents/${agent}/skills`, skills));
export const hours = (): Promise<HoursView> => read('/hours');
export const checkHours = (wanted: SetHours): Promise<HoursConflicts> => send('/hours/check', wanted);
export const setHours = (wanted: SetHours): Promise<HoursView> => guarded(put(`${API}/hours`, wanted));
export const shifts = (day: string): Promise<ShiftView[]> => read(`/shifts?from=${day}&to=${day}`);
export const planShift = (shift: NewShift): Promise<void> => send('/shifts', shift);
export const cutShift = (id: string): Promise<CutView> => send(`/shifts/${id}/cut`);
export const accept = (offer: OfferView): Promise<AcceptedView> => send(`/tickets/${offer.ticket_id}/accept`, { epoch: offer.epoch, reason: null });
export const decline = (offer: OfferView, reason: string): Promise<unknown> => send(`/tickets/${offer.ticket_id}/decline`, { epoch: offer.epoch, reason });

export const bookings = (day: string): Promise<BookingRow[]> => read(`/bookings?day=${day}`);
export const callBooking = (id: string): Promise<unknown> => send(`/bookings/${id}/call`);

/** The calls going on now, for supervisors. */
export const liveCalls = (): Promise<LiveCalls> => read('/live-calls');
/** Looks on at a call: an offer and its answer. */
export const observe = (id: string, sdp: string): Promise<ObservedSdp> => send(`/calls/${id}/observe`, { sdp });
export const call = (id: string): Promise<CallView> => read(`/calls/${id}`);
export const callFile = (id: string): Promise<CallFileView> => read(`/calls/${id}/file`);
export const hangUp = (id: string): Promise<unknown> => send(`/calls/${id}/hang-up`);
export const askCheck = (id: string, chosen?: { kind: CheckKind; because: string }): Promise<CheckView> => send(`/calls/${id}/checks`, chosen ?? {});
export const putStill = (check: string, jpeg: Blob): Promise<unknown> => guarded(put(`${API}/checks/${check}/still`, jpeg));
export const judge = (check: string, verdict: CheckState, reason: string | null): Promise<CheckView> => send(`/checks/${check}/verdict`, { verdict, reason });
export const sheet = (check: string): Promise<CheckSheet> => read(`/checks/${check}/sheet`);
export const sendCode = (check: string, way: CodeWay | null): Promise<CodeView> => send(`/checks/${check}/code`, { way });
export const markAnswer = (check: string, question: string, mark: 'right' | 'wrong'): Promise<void> => guarded(put(`${API}/checks/${check}/questions/${question}`, { mark }));
export const giveHints = (call: string, codes: string[]): Promise<void> => send(`/calls/${call}/hints`, { codes });
export const compareFace = (call: string, item: string, mark: ComparisonMark): Promise<void> => guarded(put(`${API}/calls/${call}/comparison`, { item, mark }));
export const raiseSuspicion = (dossier: string, reason: string): Promise<void> => send(`/dossiers/${dossier}/suspicion`, { reason });
export const legalHold = (dossier: string, isHeld: boolean): Promise<void> => guarded(put(`${API}/dossiers/${dossier}/legal-hold`, { is_held: isHeld }));
export const lateFlags = (): Promise<LateFlag[]> => read('/late-flags');
export const seeLate = (call: string): Promise<void> => send(`/late-flags/${call}/seen`);
export const negativeList = (): Promise<ListEntry[]> => read('/negative-list');
export const listPerson = (entry: AddToList): Promise<void> => send('/negative-list', entry);
export const importList = async (file: Blob): Promise<ImportReport> => send('/negative-list/import', { csv: await file.text() });
export const unlist = (id: string): Promise<void> => guarded(del(`${API}/negative-list/${id}`));
export const decide = (dossier: string, decision: Decide): Promise<unknown> => send(`/dossiers/${dossier}/decision`, decision);
export const decideSecond = (dossier: string, decision: Decide): Promise<unknown> => send(`/dossiers/${dossier}/second-opinion`, decision);

/** What narrows a search for files; empty strings do not narrow. */
export interface FileSearch {
  q: string;
  outcome: string;
  from: string;
  to: string;
  agent: string;
}

export function searchFiles(wanted: FileSearch, page: number): Promise<DossierPage> {
  const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== ''));
  query.set('page', String(page));
  query.set('zone', Intl.DateTimeFormat().resolvedOptions().timeZone);
  return read(`/dossiers?${query.toString()}`);
}

export const file = (id: string, purpose: string): Promise<DossierView> => read(`/dossiers/${id}?purpose=${encodeURIComponent(purpose)}`);

/** Where pictures and films stand; they go straight into `src`. */
export const portraitImage = (dossier: string, capture: string): string => `${API}/dossiers/${dossier}/captures/${capture}/portrait`;
export const captureImage = (dossier: string, capture: string): string => `${API}/dossiers/${dossier}/captures/${capture}/image`;
export const checkStill = (check: string): string => `${API}/checks/${check}/still`;
/** How a recording stands; it shows nobody, so that looking is not filed. */
export const recordingOf = (call: string): Promise<RecordingView> => get(`${API}/recordings/${call}`);
export const film = (call: string, name: string, purpose: string): string => `${API}/recordings/${call}/${name}?purpose=${encodeURIComponent(purpose)}`;
export const report = (id: string, purpose: string, locale: string): string => `${API}/dossiers/${id}/report?purpose=${encodeURIComponent(purpose)}&locale=${locale}`;

/** Asks the customer's page for a photograph. */
export const askStill = (callId: string, camera: 'user' | 'environment'): Promise<StillView> => send<StillView>(`/calls/${callId}/stills`, { camera });
/** The photograph is not wanted any more. */
export const withdrawStill = (id: string): Promise<StillView> => send<StillView>(`/stills/${id}/withdraw`);
/** Address of a photograph taken in a call. */
export const callStill = (id: string): string => `${API}/stills/${id}/image`;
