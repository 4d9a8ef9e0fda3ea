/** The HTTP side of the server: JSON in, JSON out, one typed error. No DOM. */
import type { ErrorView, FieldProblem } from './wire';

/** Every refusal of the server, and the two failures that never reach it (`offline`, `timeout`). */
export class ApiError extends Error {
  constructor(
    /** Stable code; the catalogue has `error.<code>`. */
    readonly code: string,
    /** HTTP status, 0 when the server was not reached. */
    readonly status: number,
    message: string,
    /** Names the request in the server's log. */
    readonly requestId = '',
    /** Bad fields of a form. */
    readonly fields: readonly FieldProblem[] = [],
    /** Seconds to wait before trying again, where the server said so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Whether trying again unchanged may help. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Attempts of a GET before it gives up; nothing else is ever repeated by itself. */
const GET_ATTEMPTS = 3;
const JSON_TIMEOUT_MS = 20_000;
const UPLOAD_TIMEOUT_MS = 120_000;

/** Reads a resource. Repeats passing failures twice. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request<T>('GET', path, undefined, JSON_TIMEOUT_MS, signal);
    } catch (error) {
      const again = error instanceof ApiError && error.isPassing && attempt < GET_ATTEMPTS && !signal?.aborted;
      if (!again) throw error;
      await pause(300 * 2 ** attempt);
    }
  }
}

/** As {@link get}, with `null` where there is no such thing or nobody is signed in. */
export async function find<T>(path: string, signal?: AbortSignal): Promise<T | null> {
  try {
    return await get<T>(path, signal);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 401)) return null;
    throw error;
  }
}

/** Changes something. `body` goes as JSON, or as it is when it is a picture. */
export function post<T = void>(path: string, body?: unknown): Promise<T> {
  return request<T>('POST', path, body, body instanceof Blob ? UPLOAD_TIMEOUT_MS : JSON_TIMEOUT_MS);
}

/** Replaces something. */
export function put<T = void>(path: string, body?: unknown): Promise<T> {
  return request<T>('PUT', path, body, body instanceof Blob ? UPLOAD_TIMEOUT_MS : JSON_TIMEOUT_MS);
}

/** Takes something away. */
export function del<T = void>(path: string): Promise<T> {
  return request<T>('DELETE', path, undefined, JSON_TIMEOUT_MS);
}

async function request<T>(method: string, path: string, body: unknown, limit: number, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  let payload: BodyInit | undefined;
  if (body instanceof Blob) {
    headers['content-type'] = body.type;
    payload = body;
  } else if (body !== undefined) {
    headers['content-type'] = 'application/json';
    payload = JSON.stringify(body);
  }
  const timeout = AbortSignal.timeout(limit);
  const stop = signal ? AbortSignal.any([timeout, signal]) : timeout;
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers, credentials: 'same-origin', signal: stop, ...(payload === undefined ? {} : { body: payload }) });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw timeout.aborted ? new ApiError('timeout', 0, 'the server took too long') : new ApiError('offline', 0, 'the server was not reached');
  }
  if (!answer.ok) throw await refusal(answer);
  const text = await answer.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function refusal(answer: Response): Promise<ApiError> {
  const after = Number(answer.headers.get('retry-after'));
  const retryAfter = Number.isFinite(after) && after > 0 ? after : null;
  const view = (await answer.json().catch(() => null)) as Partial<ErrorView> | null;
  const code = view?.code ?? (answer.status >= 500 ? 'unavailable' : 'unexpected');
  return new ApiError(code, answer.status, view?.message ?? answer.statusText, view?.request_id, view?.fields, retryAfter);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
