import { useEffect, useState } from 'preact/hooks';
import type { CheckSheet, CheckView, CodeView, PlaceView, QuestionLine } from '@visavis/shared/wire';
import * as door from '../../door';
import { now } from '../../state/clock';
import { scriptFailure } from '../../state/script';
import { code, number, t } from '../../words';
import { Badge } from '../parts/Badge';
import { Icon } from '../parts/Icon';

/** What only this kind of check has: the code and how it stands, questions with their answers, the place. */
export function Asked(props: { check: CheckView; locale: string }) {
  const { check } = props;
  switch (check.kind) {
    case 'code':
      return <CodeLine check={check} />;
    case 'questions':
    case 'location':
      return <Sheet check={check} locale={props.locale} />;
    default:
      return null;
  }
}

/** Whether what has to be there before a pass is there; the server asks the same. */
export function isReady(check: CheckView): boolean {
  if (check.kind === 'code') return check.code?.state === 'matched';
  if (check.kind === 'location') return check.place === 'given';
  const { questions } = check;
  return questions === null || (questions.right + questions.wrong === questions.asked && questions.wrong <= questions.may_be_wrong);
}

function stateOf(view: CodeView | null): string {
  if (view === null) return 'none';
  return view.state === 'sent' && Date.parse(view.expires_at) <= now.value ? 'expired' : view.state;
}

function CodeLine(props: { check: CheckView }) {
  const { check } = props;
  const state = stateOf(check.code);
  const isOpen = check.state === 'asked' && state !== 'matched' && state !== 'spent';
  const [isBusy, setBusy] = useState(false);
  const send = async (way: 'sms' | 'email' | null): Promise<void> => {
    setBusy(true);
    scriptFailure.value = null;
    try {
      await door.sendCode(check.id, way);
    } catch (failure) {
      scriptFailure.value = failure;
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="asked-code" role="status">
      <Badge tone={state === 'matched' ? 'positive' : state === 'sent' || state === 'sending' ? 'accent' : 'caution'} icon={state === 'matched' ? 'circleCheck' : 'lock'}>
        {t(`console.code.${state as 'none' | CodeView['state']}`)}
      </Badge>
      {check.code !== null && isOpen && (
        <span class="small muted">
          {t(`console.code.by_${check.code.way}`)} · {t('console.code.left', { attempts: check.code.attempts_left, sends: check.code.sends_left })}
        </span>
      )}
      {isOpen && (check.code === null || check.code.sends_left > 0) && (
        <div class="row">
          <button type="button" class="button" disabled={isBusy} onClick={() => void send('sms')}>
            {t('console.code.send_sms')}
          </button>
          <button type="button" class="button" disabled={isBusy} onClick={() => void send('email')}>
            {t('console.code.send_email')}
          </button>
        </div>
      )}
    </div>
  );
}

function Sheet(props: { check: CheckView; locale: string }) {
  const { check } = props;
  const [sheet, setSheet] = useState<CheckSheet | null>(null);
  const mark = check.questions === null ? '' : `${check.questions.right}-${check.questions.wrong}`;
  useEffect(() => {
    door.sheet(check.id).then(setSheet, (failure: unknown) => (scriptFailure.value = failure));
  }, [check.id, check.place, mark]);
  if (sheet === null) return null;
  if (check.kind === 'location') {
    return sheet.place === null ? <p class="small asked">{t(check.place === null ? 'console.place.waits' : `console.place.${check.place}`)}</p> : <Place place={sheet.place} />;
  }
  return (
    <ol class="questions">
      {sheet.questions.map((line) => (
        <Question key={line.question} line={line} check={check} />
      ))}
    </ol>
  );
}

function Question(props: { line: QuestionLine; check: CheckView }) {
  const { line, check } = props;
  const give = (mark: 'right' | 'wrong'): void => void door.markAnswer(check.id, line.question, mark).catch((failure: unknown) => (scriptFailure.value = failure));
  return (
    <li>
      <p class="question">{code('question', line.question)}</p>
      <p class="small">
        <span class="muted">{t('console.questions.answer')}</span> <strong>{line.answer === '' ? '–' : line.answer}</strong>
      </p>
      {check.state === 'asked' ? (
        <div class="row" role="group" aria-label={code('question', line.question)}>
          <button type="button" class={`button ${line.mark === 'right' ? 'positive' : ''}`} aria-pressed={line.mark === 'right'} onClick={() => give('right')}>
            <Icon name="check" />
            {t('mark.right')}
          </button>
          <button type="button" class={`button ${line.mark === 'wrong' ? 'negative' : ''}`} aria-pressed={line.mark === 'wrong'} onClick={() => give('wrong')}>
            <Icon name="cross" />
            {t('mark.wrong')}
          </button>
        </div>
      ) : (
        line.mark !== null && <Badge tone={line.mark === 'right' ? 'positive' : 'negative'}>{t(`mark.${line.mark}`)}</Badge>
      )}
    </li>
  );
}

/** Where the browser was, as figures: no map of somebody else's is asked. */
export function Place(props: { place: PlaceView }) {
  const { place } = props;
  const degrees = (value: number): string => number(value, { minimumFractionDigits: 5, maximumFractionDigits: 5 });
  return (
    <p class="place tabular">
      <Icon name="globe" size={16} /> {degrees(place.latitude)}, {degrees(place.longitude)} <span class="muted">{t('console.place.accuracy', { metres: number(Math.round(place.accuracy_m)) })}</span>
    </p>
  );
}
