import type { Finding } from '../../rules/findings';
import { openStep, script } from '../../state/script';
import { code, t } from '../../words';
import { Icon } from '../parts/Icon';
import { Notice } from '../parts/Notice';

/** Flags first: what stands in the way, then what is odd. */
export function FindingList(props: { found: readonly Finding[] }) {
  if (props.found.length === 0) {
    return (
      <Notice tone="positive" live={false}>
        {t('console.decision.nothing')}
      </Notice>
    );
  }
  return (
    <ul class="findings">
      {props.found.map((finding) => (
        <li key={`${finding.code}-${subject(finding)}`} class={finding.blocks ? 'finding finding-blocks' : 'finding'}>
          <Icon name={finding.blocks ? 'circleX' : 'flag'} size={16} />
          <span>{sentence(finding)}</span>
          {'kind' in finding && finding.blocks && script.value.length > 0 && (
            <button type="button" class="button quiet" onClick={() => (openStep.value = finding.kind)}>
              {t('console.decision.go_there')}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function subject(finding: Finding): string {
  return 'count' in finding ? '' : 'kind' in finding ? finding.kind : 'side' in finding ? finding.side : 'which' in finding ? `${finding.which}-${finding.name}` : finding.name;
}

function sentence(finding: Finding): string {
  if (finding.code === 'on_list') return t('console.finding.on_list');
  if (finding.code === 'checks_left') return t('console.finding.checks_left');
  const reason = 'reason' in finding && finding.reason !== null ? code('check_reason', finding.reason) : '';
  const what = 'kind' in finding ? t(`console.step.${finding.kind}`) : 'side' in finding ? code('side', finding.side) : t(`field.${finding.name}`);
  if (finding.code === 'contradiction') return `${what}: ${code('disagreement', finding.which)}`;
  const said = t(`console.finding.${finding.code}`, { what });
  return reason === '' ? said : `${said} (${reason})`;
}
