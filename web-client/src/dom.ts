/** Elements without a framework: `h('p', { class: 'muted' }, 'text')`. */

/** What may stand inside an element. */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

/** Attributes, properties (`value`, `checked`, `disabled`, …) and listeners (`onclick`, …). */
export type Props = Readonly<Record<string, unknown>>;

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'muted', 'autoplay', 'playsInline', 'srcObject', 'hidden', 'tabIndex', 'open']);

/** Makes an element. */
export function h<T extends keyof HTMLElementTagNameMap>(tag: T, props?: Props | null, ...children: Child[]): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (PROPERTIES.has(name)) (element as unknown as Record<string, unknown>)[name] = value;
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

/** Puts other children in place of the present ones. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

/** An icon from `@visavis/shared/icons`; silent to screen readers unless it is named. */
export function icon(svg: string, name?: string): HTMLElement {
  const box = h('span', name === undefined ? { class: 'icon', 'aria-hidden': 'true' } : { class: 'icon', role: 'img', 'aria-label': name });
  box.innerHTML = svg;
  return box;
}

/** A button with words. */
export function button(words: Child, onclick: (event: Event) => unknown, kind = '', more: Props = {}): HTMLButtonElement {
  return h('button', { type: 'button', class: `button ${kind}`.trim(), onclick, ...more }, words);
}

/** Disables a button while its work runs, so that nothing is sent twice. */
export async function busy<T>(element: HTMLButtonElement, work: () => Promise<T>): Promise<T> {
  element.disabled = true;
  element.setAttribute('aria-busy', 'true');
  try {
    return await work();
  } finally {
    element.disabled = false;
    element.removeAttribute('aria-busy');
  }
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child as readonly Child[]);
    else if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
  }
}
