import { useState } from 'preact/hooks';
import type { CallFileView, CheckView, ComparisonLine, ComparisonMark, LikenessView, Light } from '@visavis/shared/wire';
import * as door from '../../door';
import { scriptFailure } from '../../state/script';
import { code, number, t } from '../../words';
import { Badge, type Tone } from '../parts/Badge';
import type { IconName } from '../parts/Icon';
import { Picture } from '../parts/Picture';

/** What is compared, in the order of the server's list. */
export const FEATURES = ['face_shape', 'hairline', 'brows', 'eyes', 'nose', 'mouth', 'ears', 'marks'] as const;
const MARKS: readonly ComparisonMark[] = ['alike', 'differs', 'not_visible'];
const LIGHTS: Record<Light, [Tone, IconName]> = { alike: ['positive', 'circleCheck'], unsure: ['caution', 'circleDot'], apart: ['negative', 'circleX'], unseen: ['plain', 'circle'] };

/** Portrait and live face side by side, what a network says of them, and the agent's own comparison, one feature at a time. */
export function Comparison(props: { callId: string; file: CallFileView; checks: readonly CheckView[]; lines: readonly ComparisonLine[] }) {
  const [marks, setMarks] = useState<Readonly<Record<string, ComparisonMark>>>(Object.fromEntries(props.lines.map((line) => [line.item, line.mark])));
  const give = (item: string, mark: ComparisonMark): void => {
    setMarks({ ...marks, [item]: mark });
    door.compareFace(props.callId, item, mark).catch((failure: unknown) => {
      scriptFailure.value = failure;
      setMarks(({ [item]: _, ...rest }) => rest);
    });
  };
  return (
    <section class="comparison" aria-label={t('console.face.title')}>
      <SideBySide file={props.file} checks={props.checks} />
      <ul>
        {FEATURES.map((item) => (
          <li key={item}>
            <span id={`face-${item}`}>{code('face', item)}</span>
            <span class="marks" role="radiogroup" aria-labelledby={`face-${item}`}>
              {MARKS.map((mark) => (
                <button key={mark} type="button" role="radio" aria-checked={marks[item] === mark} class={`mark mark-${mark}`} onClick={() => give(item, mark)}>
                  {t(`face_mark.${mark}`)}
                </button>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The two faces at the same height, and the light. */
export function SideBySide(props: { file: CallFileView; checks: readonly CheckView[] }) {
  const portrait = props.file.captures.find((capture) => capture.portrait_sha256 !== null);
  const still = props.checks.filter((check) => check.kind === 'frontal' && check.has_still).at(-1);
  const likeness = still?.likeness ?? null;
  if (portrait === undefined && still === undefined) return null;
  return (
    <>
      <div class="faces">
        {portrait !== undefined && <Picture src={door.portraitImage(props.file.dossier_id, portrait.id)} alt={t('console.photo.portrait')} />}
        {still !== undefined && <Picture src={door.checkStill(still.id)} alt={t('console.script.still', { check: t('console.step.frontal') })} />}
      </div>
      {likeness !== null && <LightBadge likeness={likeness} />}
    </>
  );
}

/** Advice, and said to be no more. */
export function LightBadge(props: { likeness: LikenessView }) {
  const { light, distance } = props.likeness;
  const [tone, icon] = LIGHTS[light];
  return (
    <p class="small">
      <Badge tone={tone} icon={icon}>
        {t('console.face.light', { light: code('light', light) })}
      </Badge>{' '}
      <span class="muted">
        {distance !== null && <span class="tabular">{number(distance, { maximumFractionDigits: 2 })} · </span>}
        {t('console.face.advice')}
      </span>
    </p>
  );
}

/** The comparison as it was filed. */
export function FiledComparison(props: { lines: readonly ComparisonLine[] }) {
  if (props.lines.length === 0) return null;
  return (
    <table class="table">
      <caption>{t('console.face.title')}</caption>
      <tbody>
        {props.lines.map((line) => (
          <tr key={line.item}>
            <th scope="row">{code('face', line.item)}</th>
            <td>
              <Badge tone={line.mark === 'alike' ? 'positive' : line.mark === 'differs' ? 'negative' : 'plain'}>{t(`face_mark.${line.mark}`)}</Badge>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
