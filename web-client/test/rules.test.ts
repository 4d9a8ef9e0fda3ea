import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countries } from '../src/countries';
import { windowOf } from '../src/crop';
import type { ApplicationView, DetailView } from '@visavis/shared/wire';

import { Form, isDate, joinDate, splitDate } from '../src/form';
import { troubleOf } from '../src/camera';
import { loudness } from '../src/level';
import { Weakness } from '../src/weakness';

const HERE = { isSecure: true, hasDevices: true, isInApp: false };

test('every failure of the camera has its own word', () => {
  assert.equal(troubleOf('NotAllowedError', HERE), 'denied');
  assert.equal(troubleOf('NotAllowedError', { ...HERE, isInApp: true }), 'in_app');
  assert.equal(troubleOf('NotFoundError', HERE), 'none');
  assert.equal(troubleOf('NotReadableError', HERE), 'in_use');
  assert.equal(troubleOf('TypeError', HERE), 'unknown');
  assert.equal(troubleOf('', { ...HERE, isSecure: false }), 'insecure');
  assert.equal(troubleOf('', { ...HERE, hasDevices: false, isInApp: true }), 'in_app');
});

test('dates are days of the calendar, with holes while typing', () => {
  assert.equal(joinDate('1', '2', '1990'), '1990-02-01');
  assert.equal(joinDate('', '', ''), '');
  assert.equal(joinDate('7', '', ''), '--07');
  assert.deepEqual(splitDate('--07'), { day: '07', month: '', year: '' });
  assert.deepEqual(splitDate('1990-02-01'), { day: '01', month: '02', year: '1990' });
  assert.ok(isDate('2024-02-29'));
  for (const bad of ['2023-02-29', '2023-13-01', '--07', '', '1990-2-1', '0001-01-01']) assert.equal(isDate(bad), false, bad);
});

test('a crop shows the place with air around it and never leaves the picture', () => {
  const cut = windowOf([0.5, 0.5, 0.25, 0.1], 1000, 500);
  assert.ok(cut !== null);
  assert.ok(Math.abs(cut.ratio - (250 + 35) / (50 + 35)) < 1e-9);
  const edge = windowOf([0, 0, 1, 1], 1000, 500);
  assert.deepEqual(edge, { ratio: 2, size: 100, left: -0, top: -0 });
  assert.equal(windowOf([0, 0, 0, 0.1], 1000, 500), null);
});

test('loudness is 0 in silence and 1 at full voice', () => {
  assert.equal(loudness(new Float32Array(64)), 0);
  assert.equal(loudness(new Float32Array(64).fill(1)), 1);
});

test('countries are named in the language of the page', () => {
  const english = new Map(countries('en'));
  assert.equal(english.get('VNM'), 'Vietnam');
  assert.equal(english.get('DEU'), 'Germany');
  assert.equal(new Map(countries('vi')).get('DEU'), 'Đức');
});

const FIELD: DetailView = { name: 'birth_date', value: '1995-07-14', read_value: '1995-07-14', source: 'qr', confidence: 0.99, doubtful: true, checked: false, disagreements: [], required: true, crop: null };
const DIFFER: DetailView['disagreements'] = [{ code: 'sources_differ', fields: ['birth_date'], readings: [{ name: 'birth_date', value: '1995-07-14', source: 'qr', confidence: 0.99, capture: null, place: null }, { name: 'birth_date', value: '1995-01-14', source: 'mrz', confidence: 0.99, capture: null, place: null }] }];

function formWith(change: Partial<DetailView>): { form: Form; detail: DetailView } {
  const detail = { ...FIELD, ...change };
  const view = { details: [detail], email: 'a@example.org', phone: '+84 912 345 678', consents: [] } as unknown as ApplicationView;
  return { form: new Form(view), detail };
}

test('a contradiction waits for the customer: a tap, typing, or what the server knows settles it', () => {
  const open = formWith({ disagreements: DIFFER });
  assert.equal(open.form.check(), false);
  assert.equal(open.form.problems.get('birth_date'), 'undecided');
  open.form.settle('birth_date', '1995-01-14');
  assert.ok(open.form.check() && open.form.isSettled(open.detail));
  assert.deepEqual(open.form.details().fields, [{ name: 'birth_date', value: '1995-01-14', checked: true }]);

  const same = formWith({ disagreements: DIFFER });
  same.form.settle('birth_date', '1995-07-14');
  assert.ok(same.form.check(), 'what was read first may be what is right');

  const typed = formWith({ disagreements: DIFFER });
  typed.form.type('birth_date', '1995-07-15');
  assert.ok(typed.form.check());
  assert.deepEqual(typed.form.details().fields, [{ name: 'birth_date', value: '1995-07-15', checked: false }]);

  assert.ok(formWith({ disagreements: DIFFER, checked: true }).form.check(), 'settled before the page was opened again');
  assert.ok(formWith({ disagreements: [{ ...DIFFER[0]!, code: 'zone_repaired' }] }).form.check(), 'a doubt about the whole zone only asks for a look');
  assert.ok(formWith({}).form.check(), 'doubt without a contradiction does not stop anybody');
});

test('advice about a weak connection comes after a while and stays for a while', () => {
  const weakness = new Weakness();
  const told = (...heard: ('good' | 'fair' | 'poor')[]): boolean[] => heard.map((one) => (weakness.heard(one), weakness.isWeak));
  assert.deepEqual(told('poor', 'poor', 'poor', 'good', 'poor'), [false, false, false, false, false], 'a moment is no weakness');
  assert.deepEqual(told('poor', 'poor', 'poor'), [false, false, true]);
  assert.deepEqual(told('good', 'good', 'fair', 'good', 'good', 'good', 'good', 'good'), [true, true, true, true, true, true, true, false]);
});
