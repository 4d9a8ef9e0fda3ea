import { t } from '../../words';
import { Key } from '../parts/Key';

const KEYS = [
  ['G', 'go'],
  ['P', 'pass'],
  ['F', 'fail'],
  ['S', 'skip'],
  ['1–3', 'reason'],
  ['J', 'next'],
  ['K', 'before'],
  ['D', 'decide'],
  ['M', 'mute'],
  ['V', 'camera'],
  ['C', 'chat'],
  ['Z', 'photo'],
  ['H', 'hang_up'],
  ['?', 'help'],
] as const;

/** Every key of a call and what it does. */
export function KeyList() {
  return (
    <dl class="keys">
      {KEYS.map(([key, what]) => (
        <div key={what}>
          <dt>
            <Key of={key} />
            <span class="unseen">{key}</span>
          </dt>
          <dd>{t(`console.keys.${what}`)}</dd>
        </div>
      ))}
    </dl>
  );
}
