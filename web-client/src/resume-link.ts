/** The link that continues at the same place, on this device or another. */
import { copy, share2 } from '@visavis/shared/icons';
import { generate } from 'lean-qr';

import { here } from './browser';
import { button, h, icon } from './dom';
import { t } from './words';

/** Opens a dialog with the link; beside a desktop it can be scanned with a phone. */
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
    here().system === 'desktop' && h('div', { class: 'scan' }, code(address), h('p', null, t('client.resume.scan'))),
    h('div', { class: 'actions' },
      button([icon(copy), t('client.resume.copy')], copied, 'primary'),
      'share' in navigator && button([icon(share2), t('client.resume.share')], () => navigator.share({ url: address }).catch(() => undefined)),
      button(t('client.close'), () => dialog.close())));
  document.body.append(dialog);
  dialog.showModal();
}

/** A QR code as an inline SVG of dark squares on white, with the quiet zone of four (ISO/IEC 18004 §6.3.8). */
function code(text: string): HTMLElement {
  const made = generate(text);
  let path = '';
  for (let y = 0; y < made.size; y += 1) for (let x = 0; x < made.size; x += 1) if (made.get(x, y)) path += `M${x + 4} ${y + 4}h1v1h-1z`;
  const side = made.size + 8;
  const box = h('div', { class: 'qr', role: 'img', 'aria-label': t('client.resume.scan') });
  box.innerHTML = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path fill="#000" d="${path}"/></svg>`;
  return box;
}
