import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatLine } from '@visavis/shared/wire';
import type { Room } from '../../state/room';
import { t } from '../../words';
import { Icon } from '../parts/Icon';
import { Key } from '../parts/Key';
import { Time } from '../parts/Time';

const LONGEST = 2000;

/** What is said in writing, with the customer. */
export function Chat(props: { room: Room; lines: readonly ChatLine[] }) {
  const [text, setText] = useState('');
  const [isUnsent, setUnsent] = useState(false);
  const send = (event: Event): void => {
    event.preventDefault();
    if (text.trim() === '') return;
    const isSent = props.room.chat(text.trim());
    setUnsent(!isSent);
    if (isSent) setText('');
  };
  return (
    <section class="chat" aria-labelledby="chat-title">
      <h3 id="chat-title">{t('console.chat.title')}</h3>
      <ChatLines lines={props.lines} />
      {isUnsent && (
        <p class="small problem" role="alert">
          {t('console.chat.unsent')}
        </p>
      )}
      <form class="chat-form" onSubmit={send}>
        <input
          id="chat-text"
          class="input"
          value={text}
          maxLength={LONGEST}
          autocomplete="off"
          aria-label={t('console.chat.write')}
          placeholder={t('console.chat.write')}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
        <Key of="C" />
        <button type="submit" class="button icon-only" aria-label={t('console.chat.send')} title={t('console.chat.send')} disabled={text.trim() === ''}>
          <Icon name="send" />
        </button>
      </form>
    </section>
  );
}

/** The lines alone, as they also stand in the file. */
export function ChatLines(props: { lines: readonly ChatLine[] }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [props.lines.length]);
  if (props.lines.length === 0) return <p class="muted small">{t('console.chat.none')}</p>;
  return (
    <div class="chat-lines" role="log" tabIndex={0} ref={list} aria-label={t('console.chat.title')}>
      {props.lines.map((line) => (
        <p key={line.id} class={`chat-line chat-${line.from}`}>
          <span class="chat-from muted small">
            {t(`party.${line.from}`)} <Time at={line.at} form="time" />
          </span>
          <span class="chat-text">{line.text}</span>
        </p>
      ))}
    </div>
  );
}
