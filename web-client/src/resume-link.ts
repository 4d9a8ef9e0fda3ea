/** The link that continues at the same place, on this device or another. */
import { copy, share2 } from '@visavis/shared/icons';

import { button, h, icon } from './dom';
import { t } from './words';

/** Opens a dialog with the link. */
export function openResumeLink(address: string): void {
  const said = h('p', { class: 'small', role: 'status' });
  const input = h('input', { class: 'input', readonly: true, value: address, 'aria-label': t('client.resume.title'), onfocus: () => input.select() });
  const copied = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(address);
      said.textContent = t('client.resume.copied');
    } catch {
      input.focus();
      said.textContent = t('client.resume.copy_by_hand');
    }
  };
  const dialog: HTMLDialogElement = h('dialog', { class: 'sheet', 'aria-labelledby': 'resume-title', onclose: () => dialog.remove() },
    h('h2', { id: 'resume-title' }, t('client.resume.title')),
    h('p', null, t('client.resume.why')),
    input,
    said,
    h('div', { class: 'actions' },
      button([icon(copy), t('client.resume.copy')], copied, 'primary'),
      'share' in navigator && button([icon(share2), t('client.resume.share')], () => navigator.share({ url: address }).catch(() => undefined)),
      button(t('client.close'), () => dialog.close())));
  document.body.append(dialog);
  dialog.showModal();
}
