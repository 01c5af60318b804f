// A login through the REST interface. Its tokens are in this page's memory and nowhere else; it asks
// for no more than this page needs.

const SCOPE = 'monitor:read';

export class SignedOut extends Error {}
export class Forbidden extends Error {}

export class Session {
  #tokens = null;
  #refreshing = null;

  isOpen() {
    return this.#tokens !== null;
  }

  // Gives nothing, or throws an Error whose message is for people.
  async begin(identifier, password) {
    const answer = await post('../v1/login', { identifier, password, scope: SCOPE, device: 'Monitor page' });
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said(answer, body));
    this.#tokens = body;
  }

  async end() {
    const tokens = this.#tokens;
    this.#tokens = null;
    if (!tokens) return;
    const body = { refresh_token: tokens.refresh_token };
    await post('../v1/logout', body, { keepalive: true }).catch(() => {});
  }

  async get(path, query) {
    if (!this.#tokens) throw new SignedOut();
    let answer = await this.#ask(path, query);
    if (answer.status === 401) {
      await this.#refresh();
      answer = await this.#ask(path, query);
    }
    if (answer.status === 401) throw new SignedOut();
    if (answer.status === 403) throw new Forbidden();
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(said(answer, body)), { status: answer.status });
    return body;
  }

  #ask(path, query) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(given).toString();
    return reach(`../v1/admin/monitor${path}${text ? `?${text}` : ''}`, {
      headers: { authorization: `Bearer ${this.#tokens?.access_token}` },
    });
  }

  // A refresh token is good once: two answers that come back with 401 share one refresh.
  #refresh() {
    this.#refreshing ??= this.#renew().finally(() => { this.#refreshing = null; });
    return this.#refreshing;
  }

  async #renew() {
    const refresh_token = this.#tokens?.refresh_token;
    const answer = await post('../v1/refresh', { refresh_token });
    if (!answer.ok) {
      this.#tokens = null;
      throw new SignedOut();
    }
    const renewed = await answer.json();
    const wasEnded = this.#tokens === null;
    this.#tokens = renewed;
    if (wasEnded) {
      await this.end();
      throw new SignedOut();
    }
  }
}

function post(path, body, more = {}) {
  const headers = { 'content-type': 'application/json' };
  return reach(path, { method: 'POST', headers, body: JSON.stringify(body), ...more });
}

async function reach(path, options) {
  try {
    return await fetch(path, { credentials: 'omit', cache: 'no-store', ...options });
  } catch {
    throw new Error('The server does not answer.');
  }
}

function said(answer, body) {
  const wait = answer.headers.get('retry-after');
  const text = body.detail ?? body.title ?? `The server answered ${answer.status}.`;
  return wait ? `${text} Try again in ${wait} seconds.` : text;
}
