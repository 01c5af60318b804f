// The way in.

import { el } from './elements.js';

export function signIn(session, then) {
  const identifier = el('input', { id: 'identifier', name: 'identifier', autocomplete: 'username', required: '', autocapitalize: 'none', spellcheck: 'false' });
  const password = el('input', { id: 'password', name: 'password', type: 'password', autocomplete: 'current-password', required: '' });
  const button = el('button', { type: 'submit', class: 'primary' }, 'Sign in');
  const fault = el('p', { class: 'fault', role: 'alert', id: 'sign-in-fault' });
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    fault.textContent = '';
    try {
      await session.begin(identifier.value, password.value);
      password.value = '';
      then();
    } catch (error) {
      fault.textContent = error.message;
      password.select();
    } finally {
      button.disabled = false;
    }
  };
  return el('form', { class: 'card narrow', onsubmit: submit, 'aria-describedby': 'sign-in-fault' },
    el('h1', {}, 'Sign in'),
    el('p', { class: 'quiet' }, 'For administrators of this instance. Reloading the page signs you out.'),
    el('label', { for: 'identifier' }, 'E-mail address or username'), identifier,
    el('label', { for: 'password' }, 'Password'), password,
    fault, button);
}
