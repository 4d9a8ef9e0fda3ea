import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { commonEn } from '../src/i18n/common.en';
import { commonVi } from '../src/i18n/common.vi';
import { clientEn } from '../src/i18n/client.en';
import { clientVi } from '../src/i18n/client.vi';
import { filedEn } from '../src/i18n/filed.en';
import { filedVi } from '../src/i18n/filed.vi';
import { mediaEn } from '../src/i18n/media.en';
import { mediaVi } from '../src/i18n/media.vi';

const web = new URL('../../src/web', import.meta.url).pathname;

/** Refusals only a page with a mistake in it can cause; people read the general sentence. */
const OURS = new Set(['bad_locale', 'bad_offer', 'bad_quality', 'bad_rehearsal', 'bad_query', 'bad_day', 'bad_range', 'bad_request', 'bad_staff', 'broken_body', 'epoch_unknown', 'foreign_origin', 'method_not_allowed', 'name_taken']);

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : entry.name.endsWith('.rs') ? [readFileSync(join(folder, entry.name), 'utf8')] : [],
  );
}

test('every refusal of the server has a sentence', () => {
  const codes = new Set<string>();
  for (const text of sources(web)) for (const [, code] of text.matchAll(/(?:(?:conflict|unavailable|bad_request)\(\s*|StatusCode::[A-Z_]+, )"([a-z_]+)"/g)) codes.add(code ?? '');
  assert.ok(codes.size > 20, 'the codes are found where they are written');
  const missing = [...codes].filter((code) => !OURS.has(code) && !(`error.${code}` in commonEn));
  assert.deepEqual(missing, []);
});

test('both languages fill the same holes', () => {
  const holes = (phrase: unknown): string[] => [...new Set(JSON.stringify(phrase).match(/\{\w+\}/g) ?? [])].sort();
  for (const [english, vietnamese] of [[commonEn, commonVi], [clientEn, clientVi], [filedEn, filedVi], [mediaEn, mediaVi]] as const) {
    for (const [key, phrase] of Object.entries(english)) {
      const other = (vietnamese as Record<string, unknown>)[key];
      const wanted = holes(phrase).filter((hole) => hole !== '{count}');
      assert.deepEqual(holes(other).filter((hole) => hole !== '{count}'), wanted, key);
      assert.ok(other !== '', key);
    }
  }
});

test('no jargon reaches the customer', () => {
  for (const phrase of Object.values(clientEn)) assert.doesNotMatch(JSON.stringify(phrase), /\b(e?KYC|OCR|session|MRZ|token)\b/i);
});
