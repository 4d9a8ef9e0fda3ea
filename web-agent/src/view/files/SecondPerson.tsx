import type { DossierView, FiledDecision } from '@visavis/shared/wire';
import { hasRole, staff } from '../../state/session';
import { code, t } from '../../words';
import { Decision } from '../decision/Decision';
import { Notice } from '../parts/Notice';

/** A decision that waits for a second person: what raised a flag first, then that person's word. Never for who decided. */
export function SecondPerson(props: { view: DossierView; decision: FiledDecision; reload: () => void }) {
  const { view, decision } = props;
  const isOwn = decision.agent_name === staff.value?.display_name;
  return (
    <section class="card second-person" aria-labelledby="second-title">
      <h2 id="second-title">{t('console.second.title')}</h2>
      <p>{t('console.second.text', { name: decision.agent_name, outcome: t(`outcome.${decision.outcome}`) })}</p>
      {decision.flags.length > 0 && (
        <Notice tone="caution" live={false}>
          <ul>
            {decision.flags.map((flag) => (
              <li key={flag}>{code('flag', flag)}</li>
            ))}
          </ul>
        </Notice>
      )}
      {isOwn || !hasRole('supervisor') ? (
        <p class="muted">{t('console.second.somebody_else')}</p>
      ) : (
        <Decision file={view.file} checks={view.calls.at(-1)?.checks ?? []} carried={view.calls.at(-1)?.plan?.carried ?? []} isInCall={false} onSecond={props.reload} />
      )}
    </section>
  );
}
