import { useState } from 'preact/hooks';
import type { AgentView, SkillsView } from '@visavis/shared/wire';
import * as door from '../../door';
import { change, team } from '../../state/team';
import { code, languageName, t } from '../../words';

const LEVELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** What one agent can do, one level per language and product; all at 0 means everything. */
export function Skills(props: { agent: AgentView }) {
  const { agent } = props;
  const [draft, setDraft] = useState<SkillsView | null>(null);
  const catalogue = team.value?.catalogue;
  if (catalogue === undefined) return null;
  const shown = draft ?? agent.skills;
  const set = (kind: keyof SkillsView, name: string, level: number): void => {
    const { [name]: _, ...others } = shown[kind];
    setDraft({ ...shown, [kind]: level === 0 ? others : { ...others, [name]: level } });
  };
  const save = (): void => {
    if (draft === null) return;
    void change(() => door.setSkills(agent.agent_id, draft)).then((worked) => worked && setDraft(null));
  };
  const choice = (kind: keyof SkillsView, name: string, label: string) => (
    <label key={name} class="team-skill">
      <span>{label}</span>
      <select class="input" value={String(shown[kind][name] ?? 0)} onChange={(event) => set(kind, name, Number(event.currentTarget.value))}>
        {LEVELS.map((level) => (
          <option key={level} value={String(level)}>
            {level === 0 ? t('console.team.level_none') : String(level)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <details class="team-skills">
      <summary>{t('console.team.skills')}</summary>
      <p class="muted small">{t('console.team.skills_text')}</p>
      <div class="row">
        {catalogue.languages.map((name) => choice('languages', name, languageName(name)))}
        {catalogue.products.map(({ name, tier }) => choice('products', name, t('console.team.product', { name: code('product', name), tier })))}
        <button type="button" class="button primary" disabled={draft === null} onClick={save}>
          {t('console.team.save')}
        </button>
      </div>
    </details>
  );
}
