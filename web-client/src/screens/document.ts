/** Which document. */
import { post } from '@visavis/shared/api';
import { chevronRight } from '@visavis/shared/icons';
import type { ApplicationView, DocumentKind } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { h, icon } from '../dom';
import { pictureOf } from '../pictures';
import { t, words } from '../words';
import { redoBanner } from './redo';

const KINDS: readonly DocumentKind[] = ['citizen_card', 'cmnd', 'passport', 'driving_licence', 'other_card'];

/** The choice of the document. */
export function chooseDocument(app: App): Screen {
  let chosen = false;
  const choose = async (kind: DocumentKind): Promise<void> => {
    if (chosen) return;
    chosen = true;
    const done = await app.attempt(async () => app.proceed(await post<ApplicationView>('/api/v1/application/document', { kind })));
    if (!done) chosen = false;
  };
  return {
    title: t('client.document.title'),
    body: h('div', { class: 'stack' },
      redoBanner(app.view),
      h('p', { class: 'muted' }, t('client.document.lead')),
      h('ul', { class: 'choices' }, KINDS.map((kind) => {
        const hint = words.maybe(`client.document.hint.${kind}`);
        return h('li', null,
          h('button', { type: 'button', class: 'choice', onclick: () => void choose(kind) },
            icon(pictureOf(kind)),
            h('span', { class: 'words' }, h('strong', null, t(`document.${kind}`)), hint !== null && h('span', { class: 'muted small' }, hint)),
            icon(chevronRight)));
      }))),
  };
}
