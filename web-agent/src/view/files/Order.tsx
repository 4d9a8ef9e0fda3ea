import type { PlanProof } from '@visavis/shared/wire';
import { code, language, t } from '../../words';
import { Badge } from '../parts/Badge';

/** How the order of the checks came about, with everything needed to draw it again, and the clauses of the rule profile. */
export function Order(props: { plan: PlanProof }) {
  const { plan } = props;
  const inVietnamese = language.value === 'vi';
  const said = (english: string, vietnamese: string | null) => (inVietnamese && vietnamese ? { text: vietnamese, lang: 'vi' } : { text: english, lang: 'en' });
  const warning = said(plan.warning, plan.warning_vi);
  const met = plan.clauses.filter((clause) => clause.is_met).length;
  return (
    <details class="order">
      <summary>
        {t('console.order.title')}{' '}
        <Badge tone={plan.is_proved ? 'positive' : 'caution'} icon={plan.is_proved ? 'circleCheck' : 'circleX'}>
          {t(plan.is_proved ? 'console.order.proved' : plan.nonce === null ? 'console.order.unbound' : 'console.order.not_proved')}
        </Badge>{' '}
        {plan.clauses.length > 0 && <span class="muted small">{t('console.order.clauses', { title: said(plan.title, plan.title_vi).text, met, all: plan.clauses.length })}</span>}
      </summary>
      <p class="small">{t('console.order.how')}</p>
      <dl class="hashes small">
        <dt>{t('console.order.commitment')}</dt>
        <dd class="hash">{plan.commitment}</dd>
        <dt>{t('console.order.seed')}</dt>
        <dd class="hash">{plan.seed}</dd>
        <dt>{t('console.order.nonce')}</dt>
        <dd class="hash">{plan.nonce ?? '–'}</dd>
      </dl>
      {plan.carried.length > 0 && <p class="small">{t('console.order.carried', { kinds: plan.carried.map((kind) => t(`console.step.${kind}`)).join(', ') })}</p>}
      {plan.clauses.length > 0 && (
        <>
          <table class="table">
            <caption class="unseen">{t('console.order.coverage')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('console.order.clause')}</th>
                <th scope="col">{t('console.order.says')}</th>
                <th scope="col">{t('console.order.met')}</th>
              </tr>
            </thead>
            <tbody>
              {plan.clauses.map((clause) => (
                <tr key={clause.clause}>
                  <th scope="row">{said(clause.clause, clause.clause_vi).text}</th>
                  <td lang={said(clause.says, clause.says_vi).lang}>{said(clause.says, clause.says_vi).text}</td>
                  <td>
                    <Badge tone={clause.is_met ? 'positive' : 'caution'}>{t(clause.is_met ? 'console.order.is_met' : 'console.order.is_not_met')}</Badge>
                    {clause.lacking.length > 0 && <span class="muted small block">{clause.lacking.map((one) => code('evidence', one)).join(', ')}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="muted small" lang={warning.lang}>
            {warning.text}
          </p>
        </>
      )}
    </details>
  );
}
