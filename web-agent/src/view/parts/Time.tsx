import { dateTime, fullTime, language, shortDay, timeOfDay, type TimeForm } from '../../words';

const FORMS: Record<TimeForm, (at: Date) => string> = { time: timeOfDay, day: shortDay, both: dateTime };

/** A moment in the reader's zone; seconds and zone are shown on hover. */
export function Time(props: { at: string; form: TimeForm }) {
  language.value;
  const at = new Date(props.at);
  return (
    <time dateTime={props.at} title={fullTime(at)}>
      {FORMS[props.form](at)}
    </time>
  );
}
