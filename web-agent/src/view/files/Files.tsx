import { useEffect } from 'preact/hooks';
import type { DossierPage, DossierRow } from '@visavis/shared/wire';
import { clearFilters, isNarrowed, narrow, filters, PAGE_SIZE, pageNumber, refreshing, results, search, turnTo } from '../../state/files';
import { href } from '../../rules/route';
import { go } from '../../state/route';
import { code, number, t } from '../../words';
import { StateBadge } from '../parts/Badge';
import { Icon } from '../parts/Icon';
import { Empty, Failure, Loading } from '../parts/Notice';
import { Time } from '../parts/Time';
import { statusOf } from '../../door';
import { nameOf, NoPermission } from '../Shell';
import { FilterChips } from './FilterChips';

/** Customer files: search as one types, filters as chips, pages from the server. */
export function Files() {
  useEffect(() => {
    void search();
  }, []);
  const shown = results.value;
  return (
    <div class="files">
      <header class="page-head">
        <h1>{t(nameOf('files'))}</h1>
        <label class="search">
          <Icon name="search" />
          <span class="unseen">{t('console.files.search')}</span>
          <input
            type="search"
            class="input"
            value={filters.value.q}
            placeholder={t('console.files.search')}
            maxLength={100}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => narrow({ q: event.currentTarget.value })}
          />
        </label>
      </header>
      <FilterChips />
      {shown.phase === 'loading' && <Loading lines={8} />}
      {shown.phase === 'failed' && (statusOf(shown.failure) === 403 ? <NoPermission /> : <Failure failure={shown.failure} retry={() => void search()} />)}
      {shown.phase === 'ready' && <Page page={shown.page} />}
    </div>
  );
}

function Page(props: { page: DossierPage }) {
  const { page } = props;
  if (page.rows.length === 0) return <NoneFound />;
  return (
    <>
      <div class={`table-frame ${refreshing.value ? 'is-refreshing' : ''}`} aria-busy={refreshing.value}>
        <table class="table files-table">
          <caption class="unseen">{t('console.files.caption')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('console.files.reference')}</th>
              <th scope="col">{t('console.files.name')}</th>
              <th scope="col">{t('console.files.document')}</th>
              <th scope="col">{t('console.files.state')}</th>
              <th scope="col">{t('console.files.agent')}</th>
              <th scope="col">{t('console.files.recording')}</th>
              <th scope="col">{t('console.files.changed')}</th>
            </tr>
          </thead>
          <tbody>
            {page.rows.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      <Pages total={page.total} />
    </>
  );
}

function Row(props: { row: DossierRow }) {
  const { row } = props;
  const to = { name: 'file', id: row.id } as const;
  return (
    <tr onClick={() => go(to)}>
      <th scope="row">
        <a
          class="tabular"
          href={href(to)}
          onClick={(event) => {
            event.preventDefault();
            event.stopPropagation();
            go(to);
          }}
        >
          {row.reference}
        </a>
      </th>
      <td>{row.name ?? <span class="muted">{t('console.no_name')}</span>}</td>
      <td>
        <span class="tabular">{row.document_number ?? '–'}</span>
        {row.document_kind !== null && <span class="muted small block">{code('card', row.document_kind)}</span>}
      </td>
      <td>
        <StateBadge state={row.state} />
        {row.outcome !== null && <span class="muted small block">{code('reason', row.outcome)}</span>}
      </td>
      <td>{row.agent_name ?? <span class="muted">–</span>}</td>
      <td>
        {row.has_recording ? (
          <span class="has-recording">
            <Icon name="film" size={16} />
            {t('console.files.recorded')}
          </span>
        ) : (
          <span class="muted">–</span>
        )}
      </td>
      <td>
        <Time at={row.updated_at} form="both" />
      </td>
    </tr>
  );
}

function NoneFound() {
  return isNarrowed.value ? (
    <Empty icon="search" title={t('console.files.none_found')}>
      <p>{t('console.files.none_found_text')}</p>
      <button type="button" class="button" onClick={clearFilters}>
        {t('console.files.clear')}
      </button>
    </Empty>
  ) : (
    <Empty icon="folder" title={t('console.files.none')}>
      <p>{t('console.files.none_text')}</p>
    </Empty>
  );
}

function Pages(props: { total: number }) {
  const last = Math.max(1, Math.ceil(props.total / PAGE_SIZE));
  const at = pageNumber.value;
  return (
    <nav class="pages" aria-label={t('console.pages.title')}>
      <span class="muted" role="status">
        {t('console.pages.total', { count: props.total })}
      </span>
      <span class="spacer" />
      {last > 1 && (
        <>
          <button type="button" class="button" disabled={at <= 1} onClick={() => turnTo(at - 1)}>
            <Icon name="chevronLeft" />
            {t('console.pages.before')}
          </button>
          <span class="tabular">{t('console.pages.at', { page: number(at), last: number(last) })}</span>
          <button type="button" class="button" disabled={at >= last} onClick={() => turnTo(at + 1)}>
            {t('console.pages.after')}
            <Icon name="chevronRight" />
          </button>
        </>
      )}
    </nav>
  );
}
