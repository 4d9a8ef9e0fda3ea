import * as icons from '@visavis/shared/icons';

export type IconName = keyof typeof icons;

/** An icon of the shared set. It is decoration: the word beside it, or the name of its button, says what it means. */
export function Icon(props: { name: IconName; size?: number; className?: string }) {
  const size = props.size ?? 18;
  return (
    <span
      class={`icon ${props.className ?? ''}`}
      aria-hidden="true"
      ref={(span) => {
        if (!span) return;
        span.style.width = `${size}px`;
        span.style.height = `${size}px`;
      }}
      dangerouslySetInnerHTML={{ __html: icons[props.name] }}
    />
  );
}
