/** Từ ngữ chung của hai giao diện và của báo cáo in. */
import type { Same } from '../i18n';
import type { commonEn } from './common.en';
import words from './common.vi.json' with { type: 'json' };

export const commonVi: Same<typeof commonEn> = words;
