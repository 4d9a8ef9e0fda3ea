/** Từ ngữ của những gì được lưu, dùng trong bàn điều khiển và báo cáo in. */
import type { Same } from '../i18n';
import type { filedEn } from './filed.en';
import words from './filed.vi.json' with { type: 'json' };

export const filedVi: Same<typeof filedEn> = words;
