import { LANGUAGES } from '@visavis/shared/i18n';
import { language, speak, t } from '../words';

/** The languages of the console, each by its own name. */
export function LanguageSwitch(props: { short?: boolean }) {
  return (
    <div class="segmented" role="group" aria-label={t('language.switch')}>
      {LANGUAGES.map(({ code, name }) => (
        <button key={code} type="button" lang={code} aria-pressed={language.value === code} title={name} aria-label={props.short ? `${code.toUpperCase()}, ${name}` : undefined} onClick={() => speak(code)}>
          {props.short ? code.toUpperCase() : name}
        </button>
      ))}
    </div>
  );
}
