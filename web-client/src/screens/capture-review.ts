/** The photograph just taken: being looked at, good enough, or why not. */
import { camera, check, circleCheck, idCard, keyboard, refreshCw, triangleAlert } from '@visavis/shared/icons';
import type { CaptureView, Side } from '@visavis/shared/wire';

import type { App } from '../app';
import { button, fill, h, icon } from '../dom';
import { sentenceOf, t } from '../words';

/** What the customer may do with it. */
export interface Choices {
  use(): void;
  again(): void;
  retry(): void;
  type(): void;
  /** Another document is the one to be photographed. */
  other(): void;
}

/** The review and how it goes on. */
export interface Review {
  element: HTMLElement;
  verdict(view: CaptureView): void;
  failed(error: unknown): void;
}

/** The heading of a refusal: what is to be done, where that is one plain thing. */
function refusal({ problems: [worst] }: CaptureView): string {
  return worst?.code === 'wrong_side' || worst?.code === 'wrong_document' ? t(`client.problem.${worst.code}`) : t('client.capture.refused');
}

/** Shows a photograph. */
export function review(app: App, side: Side, picture: Blob, choices: Choices): Review {
  const address = URL.createObjectURL(picture);
  const photo = h('img', { src: address, alt: t(side === 'front' ? 'client.capture.alt_front' : 'client.capture.alt_back'), onload: () => URL.revokeObjectURL(address) });
  const heading = h('h1', { tabindex: '-1' }, t('client.capture.looking'));
  const said = h('div', { class: 'stack' }, h('p', { class: 'muted' }, t('client.capture.looking_why')));
  const actions = h('div', { class: 'actions' });
  const element = h('div', { class: 'review' }, h('figure', { class: 'photo' }, photo), h('div', { class: 'stack review-words' }, heading, said, actions));

  const tell = (title: string, ...words: HTMLElement[]): void => {
    heading.textContent = title;
    fill(said, words);
    heading.focus();
    app.shell.say(title);
  };
  const again = (kind: string): HTMLElement => button([icon(camera), t('client.capture.again')], choices.again, kind);
  const type = (): HTMLElement => button([icon(keyboard), t('client.capture.type')], choices.type, 'quiet');

  const verdict = (view: CaptureView): void => {
    const isHeading = (code: string, at: number): boolean => !view.accepted && at === 0 && (code === 'wrong_side' || code === 'wrong_document');
    const problems = view.problems.map(({ code }, at) => h('li', null, !isHeading(code, at) && h('strong', null, t(`client.problem.${code}`)), h('span', null, t(`client.problem.${code}.advice`))));
    const list = problems.length > 0 && h('ul', { class: 'problems' }, problems);
    const isWrongDocument = view.problems.some(({ code, refuses }) => refuses && code === 'wrong_document');
    if (view.accepted && view.problems.some(({ refuses }) => refuses)) {
      tell(t('client.capture.flagged'), h('div', { class: 'banner caution' }, icon(triangleAlert), h('div', null, h('p', null, t('client.capture.flagged_why')), list)));
      fill(actions, button([icon(check), t('client.capture.use')], choices.use, 'primary'), again(''));
    } else if (view.accepted) {
      const mark = problems.length > 0 ? h('div', { class: 'banner caution' }, icon(triangleAlert), h('div', null, h('p', null, t('client.capture.weak')), list)) : h('div', { class: 'banner positive' }, icon(circleCheck), h('p', null, t('client.capture.good_why')));
      tell(t(problems.length > 0 ? 'client.capture.usable' : 'client.capture.good'), mark);
      fill(actions, button([icon(check), t('client.capture.use')], choices.use, 'primary'), again(''));
    } else {
      tell(refusal(view), h('div', { class: 'banner negative' }, icon(triangleAlert), h('div', null, list || t('client.capture.refused_why'))));
      fill(actions, again('primary'), isWrongDocument && button([icon(idCard), t('client.capture.choose_other')], choices.other), type());
    }
  };

  const failed = (error: unknown): void => {
    tell(t('client.capture.not_sent'), h('div', { class: 'banner negative' }, icon(triangleAlert), h('p', null, sentenceOf(error))));
    fill(actions, button([icon(refreshCw), t('client.capture.send_again')], choices.retry, 'primary'), again(''), type());
  };

  return { element, verdict, failed };
}
