import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

/** A button that opens a small panel below itself. Escape and a click elsewhere close it and give the focus back. */
export function Popover(props: {
  label: ComponentChildren;
  /** What the button does; its accessible name when the label is an icon alone. */
  name: string;
  isIcon?: boolean;
  className?: string;
  align?: 'start' | 'end';
  disabled?: boolean;
  children: (close: () => void) => ComponentChildren;
}) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!isOpen) return;
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    document.addEventListener('keydown', escape, true);
    root.current?.querySelector<HTMLElement>('[data-panel] button:not(:disabled), [data-panel] a, [data-panel] input, [data-panel] select')?.focus();
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
      document.removeEventListener('keydown', escape, true);
    };
  }, [isOpen]);
  return (
    <div class="popover" ref={root}>
      <button
        type="button"
        class={props.className ?? 'button quiet'}
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={props.isIcon ? props.name : undefined}
        title={props.name}
        disabled={props.disabled ?? false}
        ref={button}
        onClick={() => setOpen(!isOpen)}
      >
        {props.label}
      </button>
      {isOpen && (
        <div id={id} class={`popover-panel popover-${props.align ?? 'start'}`} data-panel role="group" aria-label={props.name}>
          {props.children(close)}
        </div>
      )}
    </div>
  );
}
