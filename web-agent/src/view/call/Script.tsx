import { useEffect, useRef } from 'preact/hooks';
import type { CallFileView } from '@visavis/shared/wire';
import { isSettled, type Step, type StepState } from '../../rules/script';
import type { Room } from '../../state/room';
import { hasNoPicture, move, openStep, script, scriptFailure } from '../../state/script';
import { code, t } from '../../words';
import { Decision } from '../decision/Decision';
import { useKeys } from '../keys';
import { Icon, type IconName } from '../parts/Icon';
import { Failure, Notice } from '../parts/Notice';
import { CheckStep } from './CheckStep';
import { Comparison } from './Comparison';
import { SpokenStep } from './SpokenStep';

const LOOKS: Record<StepState, IconName> = {
  open: 'circle',
  asked: 'circleDot',
  passed: 'circleCheck',
  failed: 'circleX',
  skipped: 'skipForward',
  done: 'circleCheck',
};

/** The steps of the call, the one under way open. */
export function Script(props: { room: Room; file: CallFileView }) {
  const list = script.value;
  const settled = list.filter((step) => isSettled(step.state)).length;
  useKeys({ j: () => move(1), k: () => move(-1), d: () => (openStep.value = 'decide') });
  return (
    <>
      <header class="script-head">
        <h2>{t('console.script.title')}</h2>
        <span class="muted tabular">{t('console.script.progress', { done: settled, all: list.length - 1 })}</span>
      </header>
      {scriptFailure.value !== null && <Failure failure={scriptFailure.value} dismiss={() => (scriptFailure.value = null)} />}
      {hasNoPicture.value && <Notice tone="caution">{t('console.script.no_picture')}</Notice>}
      <ol class="steps">
        {list.map((step) => (
          <StepItem key={step.id} step={step} room={props.room} file={props.file} />
        ))}
      </ol>
    </>
  );
}

function StepItem(props: { step: Step; room: Room; file: CallFileView }) {
  const { step, file } = props;
  const isOpen = openStep.value === step.id;
  const id = `step-${step.id}`;
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isOpen) item.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen, step.state]);
  return (
    <li ref={item} class={`step step-${step.state} ${isOpen ? 'is-open' : ''}`} aria-current={isOpen ? 'step' : undefined}>
      <button type="button" class="step-head" aria-expanded={isOpen} aria-controls={id} onClick={() => (openStep.value = step.id)}>
        <Icon name={step.id === 'decide' ? 'clipboardCheck' : LOOKS[step.state]} />
        <span class="step-name">{t(`console.step.${step.id}`)}</span>
        <span class="step-state">{step.id === 'decide' || step.state === 'open' ? '' : t(`step_state.${step.state}`)}</span>
      </button>
      {!isOpen && step.check?.reason && !isSettledWell(step) && <p class="step-reason">{code('check_reason', step.check.reason)}</p>}
      {isOpen && (
        <div class="step-body" id={id}>
          {step.id === 'greet' || step.id === 'document' ? (
            <SpokenStep id={step.id} state={step.state} locale={file.locale}>
              {step.id === 'document' && props.room.view.value !== null && (
                <Comparison callId={props.room.callId} file={file} checks={props.room.view.value.checks} lines={props.room.view.value.comparison} />
              )}
            </SpokenStep>
          ) : step.id === 'decide' ? (
            <Decision file={file} checks={props.room.view.value?.checks ?? []} left={props.room.view.value?.plan?.left ?? 0} carried={props.room.view.value?.plan?.carried ?? []} isInCall />
          ) : (
            <CheckStep key={step.id} step={step} kind={step.id === 'more' ? null : step.id} locale={file.locale} />
          )}
        </div>
      )}
    </li>
  );
}

function isSettledWell(step: Step): boolean {
  return step.state === 'passed' || step.state === 'asked';
}
