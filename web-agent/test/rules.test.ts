import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallFileView, CheckKind, CheckState, CheckView, FileField, QualityMark, RecordingFile } from '@visavis/shared/wire';
import { withCheck } from '../src/rules/checks';
import { choose, items, lacking, OUTCOMES, REASONS, type Draft } from '../src/rules/decision';
import { findings, isBlocked } from '../src/rules/findings';
import { checkAt, clockText, mediaTime, momentText, playable, positionIn } from '../src/rules/media';
import { moved, PLAIN, step } from '../src/rules/look';
import { level, linesOf } from '../src/rules/quality';
import { href, parseRoute } from '../src/rules/route';
import { interrupted, isSettled, newest, nextStep, stepAgain, steps, type StepId } from '../src/rules/script';

const clean = { flagged: false, problems: [], refusals: [] };
const KINDS: CheckKind[] = ['frontal', 'left', 'right', 'up', 'down'];
let minute = 0;
const check = (kind: CheckKind, state: CheckState, change: Partial<CheckView> = {}): CheckView => ({
  id: `${kind}-${state}-${(minute += 1)}`, kind, state, asked_at: `2026-11-22T08:${String(minute % 60).padStart(2, '0')}:00Z`, media_ms: minute * 1000, reason: null, has_still: true, measured: null, challenge: null, chosen_because: null, code: null, questions: null, place: null, likeness: null, void_because: null, ...change,
});
const field = (name: FileField['name'], value: string, change: Partial<FileField> = {}): FileField => ({
  name, value, read_value: value, source: 'qr', confidence: 1, origin: 'match', doubtful: false, ...change,
});
const file = (change: Partial<CallFileView> = {}): CallFileView => ({
  dossier_id: 'd', reference: 'VX-0000-0000', state: 'in_call', locale: 'vi', document_kind: 'citizen_card',
  captures: [{ id: 'a', side: 'front', mrz_valid: null, sha256: '', portrait_sha256: null, ...clean }, { id: 'b', side: 'back', mrz_valid: true, sha256: '', portrait_sha256: null, ...clean }],
  fields: [field('number', '001099012345'), field('expiry_date', '2039-04-05')], disagreements: [], email: null, phone: null, required_checks: KINDS, rehearsal: null, listed: [], suspicions: [], ...change,
});
const none = new Set<StepId>();

test('the script leads from the greeting to the decision', () => {
  assert.deepEqual(steps(KINDS, [], none).map(({ id }) => id), ['greet', 'document', ...KINDS, 'decide']);
  assert.equal(nextStep(steps(KINDS, [], none), null), 'greet');
  assert.equal(nextStep(steps(KINDS, [], new Set<StepId>(['greet'])), 'greet'), 'document');
});

test('a check under way is always the open step', () => {
  const list = steps(KINDS, [check('up', 'asked')], none);
  assert.equal(nextStep(list, 'greet'), 'up');
});

test('after the last check comes what was left open before, then the decision', () => {
  const done = new Set<StepId>(['greet', 'document']);
  const most = KINDS.filter((kind) => kind !== 'left').map((kind) => check(kind, 'passed'));
  assert.equal(nextStep(steps(KINDS, most, done), 'down'), 'left', 'what is drawn does not come in the order of the list');
  assert.equal(nextStep(steps(KINDS, most, done), null), 'left');
  assert.equal(nextStep(steps(KINDS, [...most, check('left', 'skipped')], done), null), 'decide');
});

test('a moment of a check is told to the tenth of a second', () => {
  assert.deepEqual([0, 61_950, 3_600_049].map(momentText), ['0:00.0', '1:01.9', '1:00:00.0']);
});

test('what a broken connection brings back is where the script opens until it is asked', () => {
  const done = new Set<StepId>(['greet', 'document']);
  const lost = check('left', 'skipped', { void_because: 'reconnected', asked_at: '2026-11-22T10:00:00Z' });
  const others = KINDS.filter((kind) => kind !== 'left').map((kind) => check(kind, 'passed'));
  assert.equal(interrupted([...others, lost]), lost);
  assert.equal(stepAgain(steps(KINDS, [...others, lost], done, 1), lost), 'left');
  const asked = check('up', 'asked', { asked_at: '2026-11-22T10:00:01Z' });
  assert.equal(interrupted([...others, lost, asked]), null, 'the next draw may be another one');
  // A repeat that broke off: its kind was passed before, so it is asked where repeats are.
  const passed = check('left', 'passed', { asked_at: '2026-11-22T09:00:00Z' });
  assert.equal(stepAgain(steps(KINDS, [...others, passed, lost], done, 1), lost), 'more');
  assert.equal(interrupted([]), null);
});

test('the newest word on a kind counts: a movement may be asked once more', () => {
  const [failed, passed] = [check('left', 'failed'), check('left', 'passed')].sort((a, b) => a.asked_at.localeCompare(b.asked_at));
  assert.equal(newest('left', [passed!, failed!]), passed);
  assert.equal(newest('down', []), null);
});

test('the answer to an asking that comes late takes nothing back', () => {
  const code = (sent: boolean) => ({ way: 'sms' as const, sends_left: 2, tries_left: 5, sent, failed: false, expires_at: '2026-11-22T09:00:00Z', matched: sent });
  const asked = check('code', 'asked', { code: code(false) as CheckView['code'] });
  const first = check('frontal', 'passed', { asked_at: '2026-11-22T08:00:00Z' });
  const pushed = { ...asked, code: code(true) as CheckView['code'] };
  // In the order they are meant to come: the push brings what is newer.
  assert.deepEqual(withCheck(withCheck([first], asked, false), pushed, true), [first, pushed]);
  // The push overtakes the answer: what it brought stays.
  assert.deepEqual(withCheck(withCheck([first], pushed, true), asked, false), [first, pushed]);
  const judged = { ...pushed, state: 'passed' as const };
  assert.equal(withCheck([judged], asked, false)[0]!.state, 'passed', 'what is judged is not asked again');
  // The answer to a judgement is newer than what was pushed before it.
  assert.deepEqual(withCheck([pushed], judged, false), [judged]);
  // A push may take a code back: another one is on its way.
  assert.deepEqual(withCheck([pushed], asked, true), [asked]);
});

test('what the draw still holds is a step of its own, and what came in place of another is shown', () => {
  const done = new Set<StepId>(['greet', 'document']);
  const all = KINDS.map((kind) => check(kind, 'passed'));
  assert.deepEqual(steps(KINDS, all, done, 1).map(({ id }) => id).slice(-2), ['more', 'decide']);
  assert.equal(nextStep(steps(KINDS, all, done, 1), 'down'), 'more');
  assert.ok(!steps(KINDS, all.slice(1), done, 2).some(({ id }) => id === 'more'), 'not before every kind was asked');
  const again = check('left', 'asked');
  assert.equal(nextStep(steps(KINDS, [...all, again], done, 1), 'down'), 'left');
  assert.ok(steps(KINDS, [check('hand', 'asked')], done, 3).some(({ id }) => id === 'hand'));
  assert.ok(findings(file(), all, '2026-11-22', 1).some((finding) => finding.code === 'checks_left' && finding.blocks));
});

test('failed is not settled: it may be asked again', () => {
  assert.deepEqual((['open', 'asked', 'passed', 'failed', 'skipped', 'done'] as const).filter(isSettled), ['passed', 'skipped', 'done']);
});

test('every check that is not passed or skipped blocks an approval', () => {
  const passed = KINDS.map((kind) => check(kind, 'passed'));
  assert.deepEqual(findings(file(), passed, '2026-11-22'), []);
  for (const state of ['asked', 'failed'] as const) {
    const found = findings(file(), [...passed.slice(1), check('frontal', state)], '2026-11-22');
    assert.ok(isBlocked(found), state);
    assert.ok(found[0]?.blocks, 'what blocks stands first');
  }
  const skipped = findings(file(), [...passed.slice(1), check('frontal', 'skipped', { reason: 'cannot' })], '2026-11-22');
  assert.deepEqual(skipped, [{ code: 'check_skipped', kind: 'frontal', reason: 'cannot', blocks: false }]);
});

test('what is odd about the document is said', () => {
  const passed = KINDS.map((kind) => check(kind, 'passed'));
  const odd = file({
    captures: [{ id: 'b', side: 'back', mrz_valid: false, sha256: '', portrait_sha256: null, ...clean }],
    fields: [field('expiry_date', '2026-11-21'), field('number', '1', { doubtful: true, origin: 'changed' }), field('full_name', 'X', { origin: 'changed' })],
  });
  assert.deepEqual(findings(odd, passed, '2026-11-22').map(({ code }) => code), ['photo_missing', 'mrz_invalid', 'document_expired', 'field_doubtful', 'field_changed']);
  assert.deepEqual(findings(file({ document_kind: 'passport', captures: [{ id: 'a', side: 'front', mrz_valid: true, sha256: '', portrait_sha256: null, ...clean }] }), passed, '2026-11-22'), []);
  const measured = { verdict: 'failed', reason: 'not_seen', disagrees: true } as const;
  assert.deepEqual(findings(file(), [...passed.slice(1), check('frontal', 'passed', { measured })], '2026-11-22').map(({ code }) => code), ['check_disputed']);
  assert.deepEqual(findings(file(), [...passed.slice(1), check('frontal', 'passed', { has_still: false })], '2026-11-22').map(({ code }) => code), ['still_missing']);
});

test('contradictions and flagged photographs are named, a contradicted field only once', () => {
  const passed = KINDS.map((kind) => check(kind, 'passed'));
  const reading = { source: 'qr', confidence: 0.99, capture: 'a', place: null } as const;
  const odd = file({
    captures: [{ id: 'a', side: 'front', mrz_valid: null, sha256: '', portrait_sha256: null, flagged: true, problems: [{ code: 'blurred', refuses: true, value: 61 }], refusals: [] }, { id: 'b', side: 'back', mrz_valid: true, sha256: '', portrait_sha256: null, ...clean }],
    fields: [field('birth_date', '1995-07-14', { doubtful: true }), field('residence', 'Huế', { doubtful: true })],
    disagreements: [{ code: 'sources_differ', fields: ['birth_date'], readings: [{ name: 'birth_date', value: '1995-07-14', ...reading }, { name: 'birth_date', value: '1995-01-14', ...reading, source: 'mrz' }] }],
  });
  assert.deepEqual(findings(odd, passed, '2026-11-22'), [
    { code: 'photo_flagged', side: 'front', blocks: false },
    { code: 'contradiction', which: 'sources_differ', name: 'birth_date', blocks: false },
    { code: 'field_doubtful', name: 'residence', blocks: false },
  ]);
});

test('a decision is sent only when it is whole', () => {
  const empty: Draft = { outcome: null, reason: null, item: '', note: '' };
  assert.equal(lacking(empty, false), 'outcome');
  assert.equal(lacking(choose(empty, 'approve'), false), null);
  assert.equal(lacking(choose(empty, 'approve'), true), 'checks');
  assert.equal(lacking(choose(empty, 'reject'), true), 'reason');
  assert.equal(lacking({ ...choose(empty, 'reject'), reason: 'all_checks_passed' }, false), 'reason');
  assert.equal(lacking({ ...choose(empty, 'redo'), reason: 'other' }, false), 'note');
  assert.equal(lacking({ outcome: 'redo', reason: 'other', note: ' ' }, false), 'note');
  assert.equal(lacking({ outcome: 'redo', reason: 'other', note: 'x' }, false), null);
  for (const outcome of OUTCOMES) for (const reason of REASONS[outcome]) assert.equal(lacking({ outcome, reason, note: 'x' }, false), null);
});

test('a mark of the recording is found in every file', () => {
  const late: RecordingFile = { name: 'customer.webm', party: 'customer', size: 1, sha256: '', portrait_sha256: null, offset_ms: 250 };
  assert.equal(positionIn(late, 10_250), 10);
  assert.equal(positionIn(late, 100), 0);
  for (const ms of [250, 1_000, 61_234]) assert.equal(mediaTime(late, positionIn(late, ms)), ms);
});

test('the film is offered first, unknown files last', () => {
  const of = (name: string): RecordingFile => ({ name, party: null, size: 1, sha256: '', portrait_sha256: null, offset_ms: 0 });
  const names = playable({ state: 'sealed', duration_ms: 1, files: [of('extra.mkv'), of('agent.webm'), of('film.mp4'), of('customer.webm')] }).map(({ name }) => name);
  assert.deepEqual(names, ['film.mp4', 'customer.webm', 'agent.webm', 'extra.mkv']);
});

test('a moment belongs to the check asked last', () => {
  const list = [check('left', 'passed', { media_ms: 20_000 }), check('frontal', 'passed', { media_ms: 5_000 })];
  assert.equal(checkAt(list, 4_999), null);
  assert.equal(checkAt(list, 5_000)?.kind, 'frontal');
  assert.equal(checkAt(list, 90_000)?.kind, 'left');
});

test('clocks are written as people read them', () => {
  assert.deepEqual([0, 59.9, 61, 3_600, 36_061].map(clockText), ['0:00', '0:59', '1:01', '1:00:00', '10:01:01']);
});

test('routes are read back from their hash; anything else is the desk', () => {
  for (const route of [{ name: 'desk' }, { name: 'bookings' }, { name: 'files' }, { name: 'file', id: '01JB2MZ' }] as const) {
    assert.deepEqual(parseRoute(href(route)), route);
  }
  for (const hash of ['', '#', '#/nowhere', '#/desk/1']) assert.deepEqual(parseRoute(hash), { name: 'desk' });
  assert.deepEqual(parseRoute('#/files/<script>'), { name: 'files' });
});

test('ten seconds are as good as the worst of network, sound and picture', () => {
  const fine = { rtt_ms: 40, loss: 0, mos: 4.3, frozen_ms: 0 };
  assert.equal(level(fine), 'good');
  assert.equal(level({ ...fine, mos: null }), 'good', 'the server hears nothing');
  assert.equal(level({ ...fine, mos: 3.5 }), 'fair');
  assert.equal(level({ ...fine, mos: 2 }), 'poor');
  assert.equal(level({ ...fine, frozen_ms: 2_000 }), 'fair');
  assert.equal(level({ ...fine, frozen_ms: 9_000, mos: 3.5 }), 'poor');
  assert.equal(level({ ...fine, loss: 0.2 }), 'poor');
});

test('marks become bars over the time of the call, and what is missing stays empty', () => {
  const mark = (at_ms: number, loss = 0): QualityMark => ({ at_ms, party: 'customer', viewer: 'page', mos: 4.4, rtt_ms: 20, loss, jitter_ms: 1, video_kbps: 900, frozen_ms: 0 });
  const { bars, end } = linesOf([mark(0), mark(30_000, 0.2)]);
  assert.equal(end, 40_000);
  assert.deepEqual(bars.map(({ from, width, height }) => [from, width, height]), [[0, 0.25, 0.25], [0.75, 0.25, 1]]);
  assert.deepEqual(linesOf([]), { bars: [], end: 10_000 });
});

test('a picture is enlarged in steps and never pushed out of its frame', () => {
  assert.deepEqual([step([1, 2, 4], 1, 1), step([1, 2, 4], 4, 1), step([1, 2, 4], 1, -1), step([1, 2, 4], 3, 1)], [2, 4, 1, 4]);
  assert.deepEqual(moved(PLAIN, 30, 30), PLAIN, 'as it is, there is nowhere to go');
  const near = { ...PLAIN, zoom: 2 };
  assert.deepEqual(moved(near, 20, -20), { ...near, x: 10, y: -10 });
  assert.deepEqual(moved(near, 900, -900), { ...near, x: 25, y: -25 });
});

test('what no longer counts stands open again, what an earlier call settled is done', () => {
  const checks = [check('left', 'passed', { void_because: 'reconnected' }), check('up', 'passed')];
  const list = steps(KINDS, checks, none, 2, ['right']);
  assert.deepEqual(list.filter(({ id }) => id === 'left' || id === 'up' || id === 'right').map(({ id, state }) => `${id} ${state}`), ['left open', 'right done', 'up passed']);
  const found = findings(file(), checks, '2026-11-22', 0, ['right', 'frontal', 'down']);
  assert.deepEqual(found.filter(({ blocks }) => blocks).map((one) => ('kind' in one ? one.kind : '')), ['left']);
});

test('what can be done again by itself is what the document and the profile have', () => {
  assert.deepEqual(items(file()).slice(0, 3), ['photo_front', 'photo_back', 'details']);
  assert.ok(!items(file({ document_kind: 'passport' })).includes('photo_back'));
  assert.ok(items(file()).includes('left') && !items(file()).includes('code'));
  assert.equal(choose({ outcome: 'redo', reason: 'other', item: 'left', note: '' }, 'reject').item, '');
});

test('a person on the list is said first of what is odd', () => {
  const listed = [{ key_kind: 'document_number' as const, reason: 'stolen_document', listed_at: '', at: '' }];
  const found = findings(file({ listed }), KINDS.map((kind) => check(kind, 'passed')), '2026-11-22');
  assert.deepEqual(found.map(({ code }) => code), ['on_list']);
  assert.equal(isBlocked(found), false);
});
