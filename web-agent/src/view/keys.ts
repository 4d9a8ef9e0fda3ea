/** One-letter keys of the console: active unless somebody is writing or a window is open. */
import { useLayoutEffect } from 'preact/hooks';

/** Whether a key press belongs to what has the focus. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const at = event.target as HTMLElement | null;
  if (document.querySelector('dialog[open]') !== null) return true;
  return at?.closest('input, textarea, select, [contenteditable], video') !== null && at !== null;
}

/**
 * Runs what belongs to a key (`g`, `?`, `Enter` …) while the component is on screen. Bound together with the drawing, so that
 * a key pressed right after another already means the new step.
 */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const act = keys[event.key] ?? keys[event.key.toLowerCase()];
      if (act === undefined || event.repeat || isTaken(event)) return;
      const isButton = (event.target as HTMLElement).closest('button, a, summary') !== null;
      if (isButton && (event.key === 'Enter' || event.key === ' ')) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
}
