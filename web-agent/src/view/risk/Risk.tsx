import { useEffect, useRef, useState } from 'preact/hooks';
import type { ImportReport, LateFlag, ListEntry } from '@visavis/shared/wire';
import * as door from '../../door';
import { onOpen, onPush } from '../../state/live';
import { go } from '../../state/route';
import { code, number, t } from '../../words';
import { Badge } from '../parts/Badge';
import { Icon } from '../parts/Icon';
import { Empty, Failure, Loading, Notice } from '../parts/Notice';
import { Time } from '../parts/Time';

const REASONS = ['forged_document', 'stolen_document', 'impersonation', 'court_order', 'other'] as const;

/** The supervisor's page of what needs a second look: approvals a recording contradicts, and the negative list. */
export function Risk() {
  const [late, setLate] = useState<LateFlag[] | null>(null);
  const [list, setList] = useState<ListEntry[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const asked = useRef(0);
  // An answer that comes after a newer one was asked for is not shown.
  const load = (): void => {
    const mine = (asked.current += 1);
    Promise.all([door.lateFlags(), door.negativeList()]).then(([flags, entries]) => mine === asked.current && (setLate(flags), setList(entries)), setFailure);
  };
  useEffect(() => {
    load();
    const forget = [onOpen(load), onPush((push) => push.type === 'risk_changed' && load())];
    return () => forget.forEach((one) => one());
  }, []);
  const change = async (act: () => Promise<unknown>): Promise<boolean> => {
    setFailure(null);
    try {
      await act();
      load();
      return true;
    } catch (wrong) {
      setFailure(wrong);
      return false;
    }
  };
  return (
    <div class="team">
      <header class="page-head">
        <h1>{t('console.page.risk')}</h1>
      </header>
      {failure !== null && <Failure failure={failure} dismiss={() => setFailure(null)} />}
      {late === null || list === null ? (
        failure === null && <Loading lines={6} />
      ) : (
        <>
          <Late flags={late} change={change} />
          <List entries={list} change={change} />
        </>
      )}
    </div>
  );
}

type Change = (act: () => Promise<unknown>) => Promise<boolean>;

function Late(props: { flags: LateFlag[]; change: Change }) {
  return (
    <section class="card" aria-labelledby="risk-late">
      <h2 id="risk-late">{t('console.risk.late')}</h2>
      <p class="muted small">{t('console.risk.late_text')}</p>
      {props.flags.length === 0 && <Empty icon="circleCheck" title={t('console.risk.none')} />}
      <ul class="team-list">
        {props.flags.map((flag) => (
          <li key={flag.call_id} class="team-row">
            <strong class="team-name">
              {flag.name ?? t('console.no_name')} <span class="tabular muted">{flag.reference}</span>
            </strong>
            <span>{flag.flags.map((one) => code('flag', one)).join('; ')}</span>
            <span class="muted small">
              {flag.agent_name} · <Time at={flag.raised_at} form="both" />
            </span>
            <div class="row end">
              <button type="button" class="button" onClick={() => go({ name: 'file', id: flag.dossier_id })}>
                <Icon name="folder" />
                {t('console.risk.open')}
              </button>
              <button type="button" class="button" onClick={() => void props.change(() => door.seeLate(flag.call_id))}>
                <Icon name="circleCheck" />
                {t('console.team.seen')}
              </button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function List(props: { entries: ListEntry[]; change: Change }) {
  return (
    <section class="card" aria-labelledby="risk-list">
      <h2 id="risk-list">{t('console.risk.list')}</h2>
      <p class="muted small">{t('console.risk.list_text')}</p>
      <Add change={props.change} />
      <Import change={props.change} />
      {props.entries.length === 0 ? (
        <Empty icon="users" title={t('console.risk.list_empty')} />
      ) : (
        <table class="table">
          <caption class="unseen">{t('console.risk.list')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('console.risk.known_by')}</th>
              <th scope="col">{t('console.risk.reason')}</th>
              <th scope="col">{t('console.risk.added')}</th>
              <th scope="col">{t('console.risk.hits')}</th>
              <th scope="col">
                <span class="unseen">{t('console.risk.remove')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {props.entries.map((entry) => (
              <tr key={entry.id}>
                <th scope="row">{code('list_key', entry.key_kind)}</th>
                <td>{code('list_reason', entry.reason)}</td>
                <td>
                  {entry.added_by} · <Time at={entry.added_at} form="both" />
                </td>
                <td class="tabular">{entry.hits > 0 ? <Badge tone="caution">{number(entry.hits)}</Badge> : '0'}</td>
                <td>
                  <button type="button" class="button quiet" onClick={() => void props.change(() => door.unlist(entry.id))}>
                    {t('console.risk.remove')}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Add(props: { change: Change }) {
  const [document_number, setNumber] = useState('');
  const [name, setName] = useState('');
  const [birth_date, setBirth] = useState('');
  const [reason, setReason] = useState('');
  const isWhole = reason !== '' && (document_number.trim() !== '' || (name.trim() !== '' && birth_date !== ''));
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const given = (text: string): string | null => (text.trim() === '' ? null : text.trim());
    if (!(await props.change(() => door.listPerson({ document_number: given(document_number), name: given(name), birth_date: given(birth_date), reason })))) return;
    for (const clear of [setNumber, setName, setBirth, setReason]) clear('');
  };
  return (
    <form class="risk-form" onSubmit={(event) => void add(event)}>
      <div class="field">
        <label for="risk-number">{t('field.number')}</label>
        <input id="risk-number" class="input" autocomplete="off" value={document_number} onInput={(event) => setNumber(event.currentTarget.value)} />
      </div>
      <div class="field">
        <label for="risk-name">{t('field.full_name')}</label>
        <input id="risk-name" class="input" autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </div>
      <div class="field">
        <label for="risk-birth">{t('field.birth_date')}</label>
        <input id="risk-birth" class="input" type="date" value={birth_date} onInput={(event) => setBirth(event.currentTarget.value)} />
      </div>
      <div class="field">
        <label for="risk-reason">{t('console.risk.reason')}</label>
        <select id="risk-reason" class="input" value={reason} onChange={(event) => setReason(event.currentTarget.value)}>
          <option value="">{t('console.decision.choose_reason')}</option>
          {REASONS.map((one) => (
            <option key={one} value={one}>
              {code('list_reason', one)}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" class="button primary" disabled={!isWhole}>
        <Icon name="plus" />
        {t('console.risk.add')}
      </button>
    </form>
  );
}

function Import(props: { change: Change }) {
  const [report, setReport] = useState<ImportReport | null>(null);
  const take = async (file: File | undefined): Promise<void> => {
    setReport(null);
    if (file !== undefined) await props.change(async () => setReport(await door.importList(file)));
  };
  return (
    <div class="risk-import">
      <label class="button quiet">
        <Icon name="fileText" />
        {t('console.risk.import')}
        <input class="unseen" type="file" accept=".csv,text/csv" onChange={(event) => void take(event.currentTarget.files?.[0])} />
      </label>
      <span class="muted small">{t('console.risk.import_text')}</span>
      {report !== null && (
        <Notice tone={report.bad_lines.length > 0 ? 'caution' : 'positive'}>
          {t('console.risk.imported', { added: report.added, known: report.known })}{' '}
          {report.bad_lines.length > 0 && t('console.risk.bad_lines', { lines: report.bad_lines.slice(0, 20).join(', ') })}
        </Notice>
      )}
    </div>
  );
}
