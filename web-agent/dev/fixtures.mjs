/** Answers of a server with nobody real in it, for looking at the console without one. */

const minutes = (count) => new Date(Date.now() + count * 60_000).toISOString();
export const ids = { agent: 'a1', call: 'c1', dossier: 'd1', ticket: 't1' };
const KINDS = ['frontal', 'left', 'right', 'up', 'down'];

export const staff = (roles) => ({ id: ids.agent, display_name: roles.includes('supervisor') ? 'Nguyễn Thị Hương' : 'Trần Ngọc Lan', roles });
export const brand = { name: 'Ngân hàng Mẫu', accent: '#0b5cab', phone_url: 'https://192.168.1.20:8443/', phone_qr_svg: qr() };

export const desk = (change = {}) => ({
  agent_id: ids.agent, epoch: 7, presence: 'ready', since: minutes(-3), reason: null, wrap_up_until: null, offer: null, call_id: null, ringing_booking_id: null, ringing: null,
  undecided_dossier_id: null, waiting: 4, oldest_since: minutes(-2.4), ready_agents: 3, ...change,
});

export const offer = () => ({
  ticket_id: ids.ticket, epoch: 3, dossier_id: ids.dossier, name: 'NGUYỄN VĂN MẪU', document_kind: 'citizen_card', locale: 'vi',
  waited_seconds: 143, booking_id: null, is_returning: true, is_callback: false, rung_before: 0, expires_at: new Date(Date.now() + 17_000).toISOString(),
});

const field = (name, value, change = {}) => ({ name, value, read_value: value, source: 'qr', confidence: 0.99, origin: 'match', doubtful: false, ...change });
const PLACE = 'Số 12, ngõ 34 đường Mẫu, phường Thử Nghiệm, quận Không Có, Hà Nội';
const problem = (code, value, refuses = true) => ({ code, value, refuses });
const said = (name, value, source) => ({ name, value, source, confidence: 0.96, capture: source === 'mrz' ? 'back' : 'front', place: [0.36, 0.4, 0.4, 0.06] });
export const file = (state = 'in_call') => ({
  dossier_id: ids.dossier, reference: 'VX-7K3M-P9QD', state, locale: 'vi', document_kind: 'citizen_card',
  captures: [
    { id: 'front', side: 'front', mrz_valid: null, sha256: '9f2c'.repeat(16), portrait_sha256: '7d30'.repeat(16), flagged: true, problems: [problem('blurred', 61), problem('glare', 0.021, false)], refusals: [3, 2, 1].map((ago) => ({ taken_at: minutes(-30 - ago), problems: [problem('blurred', 40 + ago)] })) },
    { id: 'back', side: 'back', mrz_valid: true, sha256: '41be'.repeat(16), portrait_sha256: null, flagged: false, problems: [], refusals: [] },
  ],
  fields: [
    field('number', '001099012345'), field('full_name', 'NGUYỄN VĂN MẪU'), field('birth_date', '1999-04-05'), field('sex', 'M'),
    field('nationality', 'VNM', { source: 'mrz', confidence: 0.98 }),
    field('expiry_date', '2039-04-05', { source: 'mrz', confidence: 0.97 }),
    field('issue_date', '2021-08-10', { origin: 'changed', read_value: '2021-08-18', source: 'print', confidence: 0.71, doubtful: true }),
    field('residence', PLACE), field('origin', 'Hà Nội', { origin: 'new', read_value: null, source: null, confidence: null }),
  ],
  disagreements: [
    { code: 'sources_differ', fields: ['issue_date'], readings: [said('issue_date', '2021-08-10', 'qr'), said('issue_date', '2021-08-18', 'print')] },
    { code: 'number_birth', fields: ['number', 'birth_date'], readings: [said('number', '001099012345', 'qr'), said('birth_date', '1999-04-05', 'qr')] },
  ],
  email: 'mau@example.org', phone: '+84 90 000 00 00', required_checks: KINDS, rehearsal, listed: [], suspicions: [],
});

const check = (at, state, change = {}) => ({ id: `k${at}`, kind: KINDS[at], state, asked_at: minutes(-4 + at * 0.4), media_ms: 42_000 + at * 24_000, reason: null, has_still: state === 'passed' || state === 'failed', challenge: null, chosen_because: null, measured: null, code: null, questions: null, place: null, likeness: at === 0 && state === 'passed' ? { light: 'alike', distance: 0.41 } : null, void_because: null, ...change });
export const checks = [check(0, 'passed'), check(1, 'passed'), check(2, 'failed', { reason: 'not_visible' }), check(3, 'asked')];
const other = (kind, challenge, change = {}) => ({ ...check(0, 'asked'), id: kind, kind, asked_at: minutes(0), challenge, ...change });
export const digits = [check(0, 'passed'), check(1, 'passed'), check(2, 'passed'), check(3, 'passed'), check(4, 'passed'), other('digits', { type: 'digits', digits: '407193' })];
export const tilt = [...digits.slice(0, 5), other('document_tilt', { type: 'features', features: ['hologram', 'ghost_portrait', 'fine_lines'] })];
export const coded = [...digits.slice(0, 5), other('code', { type: 'code', minutes: 5, attempts: 5, sends: 3 }, { code: { state: 'sent', way: 'sms', attempts_left: 4, sends_left: 2, expires_at: minutes(4) } })];
export const questioned = [...digits.slice(0, 5), other('questions', { type: 'questions', ask: 3, may_be_wrong: 0 }, { questions: { asked: 3, right: 1, wrong: 0, may_be_wrong: 0 } })];
export const located = [...digits.slice(0, 5), other('location', null, { place: 'given' })];
const where = { latitude: 21.02851, longitude: 105.80482, accuracy_m: 18, taken_at: minutes(-1), consent_sha256: '71ab'.repeat(16) };
export const sheets = {
  questions: { check_id: 'questions', place: null, questions: [{ question: 'birth_day', answer: '05.04.', mark: 'right' }, { question: 'issuer', answer: 'Cục Cảnh sát QLHC về TTXH', mark: null }, { question: 'number_end', answer: '2345', mark: null }] },
  location: { check_id: 'location', questions: [], place: where },
};
export const listed = [{ key_kind: 'document_number', reason: 'stolen_document', listed_at: minutes(-9000), at: minutes(-4) }];
export const hints = [{ source: 'customer', code: 'virtual_camera', media_ms: 3_000, times: 1 }, { source: 'agent', code: 'frames_frozen', media_ms: 61_000, times: 2 }];
export const late = [{ call_id: 'c9', dossier_id: 'd1', reference: 'VX-7K3M-P9QD', name: 'NGUYỄN VĂN MẪU', agent_name: 'Trần Ngọc Lan', flags: ['measured_otherwise'], raised_at: minutes(-12) }];
export const negativeList = [
  { id: 'n1', key_kind: 'document_number', reason: 'stolen_document', added_by: 'Nguyễn Thị Hương', added_at: minutes(-9000), hits: 2 },
  { id: 'n2', key_kind: 'name_birth', reason: 'impersonation', added_by: 'Nguyễn Thị Hương', added_at: minutes(-9001), hits: 0 },
];
export const repeat = digits.slice(0, 5);
export const settled = [check(0, 'passed'), check(1, 'passed'), check(2, 'passed'), check(3, 'skipped', { reason: 'cannot' }), check(4, 'passed')];
export const chat = [
  { id: 'm1', from: 'agent', text: 'Anh nghe tôi rõ không ạ?', at: minutes(-4) },
  { id: 'm2', from: 'customer', text: 'Tiếng hơi nhỏ, nhưng tôi nghe được.', at: minutes(-3.6) },
];
const route = (name, open, more = {}) => ({ route: name, is_open: open, setup_ms: open ? 140 : null, rtt_ms: open ? 38 : null, jitter_ms: open ? 3 : null, loss: open ? 0.01 : null, uplink_kbps: null, ...more });
export const rehearsal = { at: minutes(-9), found: { browser: 'chrome_android', in_app: null, camera: 'good', light: 'backlit', microphone: 'heard', routes: [route('udp', true, { uplink_kbps: 1840 }), route('tcp', true), route('relay', false)], went_on: true } };
const taken = (id, state, more = {}) => ({ id, state, reason: null, camera: 'environment', asked_at: minutes(-3), media_ms: 61_000, way: 'channel', sent_sha256: 'cd'.repeat(32), sha256: 'ab'.repeat(32), width: 4000, height: 3000, ...more });
export const stills = [taken('p1', 'filed'), taken('p2', 'declined', { reason: 'not_now', way: null, sent_sha256: null, sha256: null, width: null, height: null })];
const mark = (party, viewer, at, more = {}) => ({ at_ms: at * 10_000, party, viewer, mos: viewer === 'page' ? 4.3 : null, rtt_ms: 42, loss: 0.002, jitter_ms: 4, video_kbps: 880, frozen_ms: 0, ...more });
export const quality = {
  ends: [
    { party: 'customer', mos: 4.1, mos_worst: 2.6, rtt_ms: 61, loss: 0.012, loss_worst: 0.21, jitter_ms: 6, video_kbps: 810, sent_kbps: 640, freezes: 3, frozen_ms: 5_400 },
    { party: 'agent', mos: 4.3, mos_worst: 4.0, rtt_ms: 18, loss: 0.001, loss_worst: 0.01, jitter_ms: 2, video_kbps: 640, sent_kbps: 810, freezes: 0, frozen_ms: 0 },
  ],
  marks: Array.from({ length: 22 }, (_, at) => [
    mark('customer', 'page', at, at === 9 ? { mos: 2.6, loss: 0.21, frozen_ms: 4_200 } : at === 10 ? { mos: 3.6, loss: 0.04, frozen_ms: 1_200 } : {}),
    mark('customer', 'server', at, at === 9 ? { loss: 0.12 } : {}),
    mark('agent', 'page', at),
    ...(at === 4 ? [] : [mark('agent', 'server', at)]),
  ]).flat(),
};

export const call = (list = checks) => ({ id: ids.call, epoch: 1, state: 'live', agent_name: 'Trần Ngọc Lan', started_at: minutes(-4.4), peer: 'connected', chat, hints: [], comparison: [{ item: 'face_shape', mark: 'alike' }, { item: 'nose', mark: 'differs' }], checks: list, stills, plan: { carried: [], profile: 'in-vcip', commitment: '5be1'.repeat(16), has_nonce: true, left: list === settled ? 0 : 2, spent: [] } });

const booking = (at, state, name, online, change = {}) => ({ id: `b${at}`, dossier_id: `d${at}`, reference: `VX-${1000 + Math.abs(at)}-MAUX`, name, locale: 'vi', starts_at: minutes(at), minutes: 15, state, is_online: online, is_in_line: false, ...change });
export const bookings = [
  booking(-50, 'kept', 'LÊ THỊ THỬ', false), booking(-20, 'missed', 'PHẠM VÍ DỤ', false), booking(4, 'booked', 'HOÀNG MINH MẪU', true),
  booking(19, 'booked', 'ANNA SPECIMEN', false, { locale: 'en' }), booking(34, 'cancelled', 'VŨ THỊ KHÔNG', false), booking(-2, 'booked', 'NGÔ VĂN THÍ', false, { is_in_line: true }), booking(64, 'booked', null, false),
];

const STATES = ['approved', 'rejected', 'redo', 'called', 'confirmed', 'waiting', 'approved'];
const OUTCOMES = { approved: 'all_checks_passed', rejected: 'person_mismatch', redo: 'document_unreadable' };
const row = (at) => {
  const state = STATES[at % STATES.length];
  return {
    id: `d${at}`, reference: `VX-${String(4821 + at * 37).padStart(4, '0')}-${['K3MP', 'Q7DA', 'ZB2R'][at % 3]}`, state,
    name: at === 5 ? null : ['NGUYỄN VĂN MẪU', 'TRẦN THỊ THỬ NGHIỆM', 'ANNA MARIA SPECIMEN', 'LÊ QUANG VÍ DỤ'][at % 4], document_number: at === 5 ? null : `0010990${12345 + at}`,
    document_kind: at % 4 === 2 ? 'passport' : 'citizen_card', agent_name: OUTCOMES[state] ? ['Trần Ngọc Lan', 'Đỗ Thanh Mai'][at % 2] : null, outcome: OUTCOMES[state] ?? null,
    has_recording: Boolean(OUTCOMES[state]), waits_for_second: state === 'called', updated_at: minutes(-17 * at - 3),
  };
};
export const page = { rows: Array.from({ length: 50 }, (_, at) => row(at)), total: 132, page: 1 };

const proof = {
  profile: 'in-vcip', title: 'India, V-CIP', warning: 'This is not legal advice. Location, domestic storage and the training of officials are outside what the product alone can show.',
  commitment: '5be1'.repeat(16), seed: '9a40'.repeat(16), nonce: 'c37d'.repeat(16), is_proved: true, carried: [], carried_from: null,
  clauses: [
    { clause: 'I.2', says: 'The customer’s consent is recorded in a way that proves it was not altered.', is_met: true, lacking: [] },
    { clause: 'P.3', says: 'Sequence and type of questions are varied, so that the interaction is real-time and not pre-recorded.', is_met: true, lacking: [] },
    { clause: 'P.13', says: 'Accounts opened by V-CIP become operational only after a concurrent audit.', is_met: false, lacking: ['second_person'] },
  ],
};
const decision = (waits) => ({
  outcome: 'approve', reason: 'all_checks_passed', note: 'Khách hàng không ngẩng đầu được do chấn thương cổ.', agent_name: 'Trần Ngọc Lan', at: minutes(-16), item: null,
  flags: ['left_out', 'measured_otherwise', 'contradiction'], waits_for_second: waits,
  second: waits ? null : { outcome: 'approve', reason: 'all_checks_passed', note: null, item: null, checker_name: 'Nguyễn Thị Hương', at: minutes(-2) },
});

const event = (at, kind, actor, detail = {}) => ({ at: minutes(-40 + at), kind, actor, detail });
export const dossier = (state = 'approved') => ({
  file: file(state === 'second' ? 'called' : state === 'filming' ? 'approved' : state),
  consents: ['data', 'recording', 'biometric'].map((kind, at) => ({ kind, version: '2026-11-01', text_sha256: `${at}c7d`.repeat(16), locale: 'vi', given: true, at: minutes(-30) })),
  calls: [{
    id: ids.call, agent_name: 'Trần Ngọc Lan', started_at: minutes(-20), ended_at: minutes(-16.4), end_reason: 'hung_up', checks: settled, chat, plan: proof, rehearsal, stills, quality, hints, comparison: [{ item: 'face_shape', mark: 'alike' }, { item: 'ears', mark: 'not_visible' }], sheets: [sheets.questions, sheets.location],
    recording: {
      state: state === 'filming' ? 'sealing' : 'sealed', progress: 34, duration_ms: state === 'filming' ? null : 212_000,
      files: [
        { name: 'customer.webm', party: 'customer', size: 18_400_000, sha256: 'aa01'.repeat(16), offset_ms: 240, end_ms: 212_000, lost_packets: 0, gaps: [{ from_ms: 64_200, to_ms: 71_900 }] },
        { name: 'agent.webm', party: 'agent', size: 17_100_000, sha256: 'bb02'.repeat(16), offset_ms: 0, end_ms: 211_000, lost_packets: 12, gaps: [] },
        { name: 'film.mp4', party: null, size: 21_900_000, sha256: 'cc03'.repeat(16), offset_ms: 0, end_ms: 212_000, lost_packets: 0, gaps: [] },
      ].filter(({ party }) => party !== null || state !== 'filming'),
    },
  }],
  keep_until: minutes(60 * 24 * 365 * 5), held_at: null, erased_at: null,
  decisions: state === 'approved' || state === 'second' ? [decision(state === 'second')] : [],
  timeline: [
    event(0, 'application.begun', 'customer'), event(1, 'document.chosen', 'customer', { kind: 'citizen_card' }), event(2, 'capture.accepted', 'customer', { side: 'front' }),
    event(3, 'capture.accepted', 'customer', { side: 'back' }), event(3.2, 'document.read', 'system'), event(10, 'details.confirmed', 'customer'), event(17, 'ticket.enqueued', 'customer'),
    event(20, 'ticket.accepted', 'Trần Ngọc Lan'), event(20.1, 'call.live', 'system'), event(21, 'check.passed', 'Trần Ngọc Lan', { kind: 'frontal' }),
    event(22, 'check.skipped', 'Trần Ngọc Lan', { kind: 'up', reason: 'cannot' }), event(23.6, 'call.hung_up', 'Trần Ngọc Lan'), event(24, 'decision.approved', 'Trần Ngọc Lan'),
  ],
  views: [{ at: minutes(0), actor: 'Nguyễn Thị Hương', act: 'file.viewed', purpose: 'review' }, { at: minutes(-9), actor: 'Nguyễn Thị Hương', act: 'recording.viewed', purpose: 'complaint' }],
});

const member = (at, name, presence, reason, languages) => ({ agent_id: `a${at}`, name, presence, since: minutes(-at * 7), reason, skills: { languages, products: { account: at } }, is_online: presence !== 'offline' });
export const agents = [
  member(1, 'Trần Ngọc Lan', 'in_call', null, { vi: 5, en: 3 }), member(2, 'Đỗ Thanh Mai', 'break', 'missed', { vi: 5 }),
  member(3, 'Anna Schneider', 'ready', null, { en: 4 }), member(4, 'Phạm Quốc Huy', 'offline', null, {}),
];
export const catalogue = { languages: ['en', 'vi'], products: [{ name: 'account', tier: 1 }] };
export const health = {
  since: minutes(-600), waiting: 4, oldest_since: minutes(-2.4), ready_agents: 1, on_duty: 3, answered: 182, abandoned: 9, mean_wait_seconds: 74,
  estimate_error: { calls: 171, mean_seconds: 22, bias_seconds: 6, within_a_minute_percent: 93 }, is_rebuilding: false,
};
export const notes = [{ id: 'n1', at: minutes(-14), kind: 'missed_offers', agent_id: 'a2', agent_name: 'Đỗ Thanh Mai', dossier_id: null }];
export const liveCalls = {
  calls: [
    { call_id: 'c1', agent_id: 'a1', agent_name: 'Trần Ngọc Lan', started_at: minutes(-4), is_live: true },
    { call_id: 'c2', agent_id: 'a3', agent_name: 'Anna Schneider', started_at: minutes(-0.2), is_live: false },
  ],
  ice_servers: [],
};
export const wrapUpNotes = [{ at: minutes(-58), agent_name: 'Trần Ngọc Lan', body: 'The customer moved last month; the new address is on the utility bill shown in the call.' }];
export const hours = {
  time_zone: 'Asia/Ho_Chi_Minh', version: 3, closures: [{ day: '2027-01-01', name: 'Tết Dương lịch' }, { day: '2027-02-06', name: 'Tết Nguyên đán' }],
  week: [...Array.from({ length: 5 }, () => ['08:00-12:00', '13:00-17:30']), ['08:00-12:00'], []],
};
export const shifts = [
  { id: 's1', agent_id: 'a1', agent_name: 'Trần Ngọc Lan', starts_at: minutes(-120), ends_at: minutes(240) },
  { id: 's2', agent_id: 'a3', agent_name: 'Anna Schneider', starts_at: minutes(-60), ends_at: minutes(420) },
];

export function card(side) {
  const front = `<text x="300" y="90" font-size="34" fill="#8a1c1c" font-weight="700">CĂN CƯỚC CÔNG DÂN</text><rect x="40" y="150" width="220" height="290" rx="8" fill="#b9c8d6"/><circle cx="150" cy="260" r="60" fill="#8ea3b5"/><path d="M60 440a90 90 0 0 1 180 0z" fill="#8ea3b5"/><text x="300" y="190" font-size="30">Số: 001099012345</text><text x="300" y="250" font-size="34" font-weight="700">NGUYỄN VĂN MẪU</text><text x="300" y="310" font-size="26">05/04/1999 · Nam · Việt Nam</text>`;
  const back = `<rect x="60" y="60" width="150" height="120" rx="14" fill="#d3b45b"/><g font-family="monospace" font-size="34"><text x="40" y="360">IDVNM0990123456001099012345&lt;&lt;1</text><text x="40" y="410">9904058M3904058VNM&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;2</text><text x="40" y="460">NGUYEN&lt;&lt;VAN&lt;MAU&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;</text></g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 856 540" width="856" height="540" font-family="sans-serif"><rect width="856" height="540" rx="28" fill="#e7eef2"/>${side === 'front' ? front : back}<text x="560" y="520" font-size="26" fill="#b3261e">SPECIMEN</text></svg>`;
}

export function portrait() {
  return still().replace('0 0 640 360" width="640" height="360"', '140 0 360 360" width="270" height="360"');
}

export function still() {
  return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360"><rect width="640" height="360" fill="#5d6a77"/><circle cx="320" cy="150" r="80" fill="#c9a58b"/><path d="M180 360a140 120 0 0 1 280 0z" fill="#2d4a66"/></svg>';
}

function qr() {
  const cells = Array.from({ length: 625 }, (_, at) => ((at * 7919) % 13 < 6 ? `<rect x="${at % 25}" y="${Math.floor(at / 25)}" width="1" height="1"/>` : ''));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 25 25" shape-rendering="crispEdges">${cells.join('')}</svg>`;
}
