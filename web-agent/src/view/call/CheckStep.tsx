import { useEffect, useRef, useState } from 'preact/hooks';
import type { CheckKind } from '@visavis/shared/wire';
import { checkStill } from '../../door';
import { clockText } from '../../rules/media';
import type { Step } from '../../rules/script';
import { again, FAIL_REASONS, go, isBusy, judge, SKIP_REASONS, spent } from '../../state/script';
import { code, t } from '../../words';
import { useKeys } from '../keys';
import { Icon } from '../parts/Icon';
import { Key } from '../parts/Key';
import { Notice } from '../parts/Notice';
import { Asked, isReady } from './Asked';
import { Challenged } from './Challenged';
import { LightBadge } from './Comparison';
import { Say } from './Say';

type Choice = 'failed' | 'skipped';

/** One check: Go, and the server draws which; then judge it. Failing and skipping want a reason. Without a kind: what is repeated. */
export function CheckStep(props: { step: Step; kind: CheckKind | null; locale: string }) {
  const { step, kind } = props;
  const [choice, setChoice] = useState<Choice | null>(null);
  const isAsked = step.state === 'asked';
  const isPassed = step.state === 'passed';
  const reasons: readonly string[] = choice === 'failed' ? FAIL_REASONS : choice === 'skipped' ? SKIP_REASONS : [];
  const choose = (reason: string): void => {
    if (choice === null) return;
    setChoice(null);
    void judge(step, choice, reason);
  };
  const canPass = step.check !== null && isReady(step.check);
  const isSpent = kind !== null && spent.value.includes(kind);
  useKeys({
    ...(!isAsked && !isPassed ? { g: () => void go() } : {}),
    ...(isAsked && canPass ? { p: () => void judge(step, 'passed', null) } : {}),
    ...(isAsked ? { f: () => setChoice('failed') } : {}),
    ...(isPassed || kind === null ? {} : { s: () => setChoice('skipped') }),
    ...Object.fromEntries(reasons.map((reason, at) => [String(at + 1), () => choose(reason)])),
    ...(choice === null ? {} : { Escape: () => setChoice(null) }),
  });
  return (
    <>
      {isAsked && kind !== null && <Say sentence={`console.say.${kind}`} locale={props.locale} />}
      {isAsked && (kind === 'left' || kind === 'right') && <p class="muted small">{t(`console.script.${kind}_hint`)}</p>}
      {isAsked && step.check !== null && <Challenged check={step.check} />}
      {step.check !== null && <Asked key={step.check.id} check={step.check} locale={props.locale} />}
      {!isAsked && !isPassed && again.value !== null && <Notice tone="caution">{t('console.script.interrupted')}</Notice>}
      {!isAsked && !isPassed && <p class="muted small">{t(isSpent ? 'console.script.spent' : 'console.script.drawn')}</p>}
      {isAsked && <p class="small asked">{t('console.script.shown')}</p>}
      <Outcome step={step} />
      {choice === null ? (
        <div class={isAsked ? 'verdicts' : 'row'}>
          {!isAsked && !isPassed && (
            <button type="button" class="button primary" disabled={isBusy.value} aria-busy={isBusy.value} onClick={() => void go()}>
              <Icon name={step.state === 'open' ? 'play' : 'rotateCcw'} />
              {t(step.state === 'open' ? 'console.script.go' : 'console.script.again')}
              <Key of="G" />
            </button>
          )}
          {isAsked && (
            <>
              <button type="button" class="button positive" disabled={isBusy.value || !canPass} aria-busy={isBusy.value} onClick={() => void judge(step, 'passed', null)}>
                <Icon name="check" />
                {t('console.script.pass')}
                <Key of="P" />
              </button>
              <button type="button" class="button negative" disabled={isBusy.value} onClick={() => setChoice('failed')}>
                <Icon name="cross" />
                {t('console.script.fail')}
                <Key of="F" />
              </button>
            </>
          )}
          {!isPassed && kind !== null && step.state !== 'skipped' && (
            <button type="button" class="button quiet" disabled={isBusy.value} onClick={() => setChoice('skipped')}>
              {t('console.script.skip')}
              <Key of="S" />
            </button>
          )}
        </div>
      ) : (
        <Reasons choice={choice} reasons={reasons} choose={choose} cancel={() => setChoice(null)} />
      )}
    </>
  );
}

function Reasons(props: { choice: Choice; reasons: readonly string[]; choose: (reason: string) => void; cancel: () => void }) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <div class="reasons" role="group" aria-label={t(`console.script.why_${props.choice}`)}>
      <p class="small">{t(`console.script.why_${props.choice}`)}</p>
      {props.reasons.map((reason, at) => (
        <button
          key={reason}
          type="button"
          class="button"
          ref={at === 0 ? first : null}
          onClick={() => props.choose(reason)}
        >
          <Key of={String(at + 1)} />
          {code('check_reason', reason)}
        </button>
      ))}
      <button type="button" class="button quiet" onClick={props.cancel}>
        {t('console.cancel')}
      </button>
    </div>
  );
}

function Outcome(props: { step: Step }) {
  const { check, state } = props.step;
  if (check === null || state === 'asked') return null;
  return (
    <div class="outcome">
      {check.has_still && <img src={checkStill(check.id)} alt={t('console.script.still', { check: t(`console.step.${check.kind}`) })} loading="lazy" width={96} height={54} />}
      {check.likeness !== null && <LightBadge likeness={check.likeness} />}
      <p class="small">
        {check.reason !== null && <span>{code('check_reason', check.reason)} · </span>}
        <span class="muted tabular">{t('console.script.at', { time: clockText(check.media_ms / 1000) })}</span>
      </p>
    </div>
  );
}
