import { useState } from 'preact/hooks';
import { t } from '../../words';
import { Icon } from './Icon';

/** A filed picture, or a sentence where it cannot be shown. */
export function Picture(props: { src: string; alt: string; className?: string }) {
  const [isBroken, setBroken] = useState(false);
  if (isBroken) {
    return (
      <span class="unshown">
        <Icon name="image" size={20} />
        {t('console.photo.unshown')}
      </span>
    );
  }
  return <img src={props.src} alt={props.alt} class={props.className ?? ''} decoding="async" onError={() => setBroken(true)} />;
}
