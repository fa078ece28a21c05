// How this tab says who asks: a bearer token of its own, or else the cookie of a session.
//
// The token is kept in sessionStorage: closing the tab signs out, other tabs stay as they are. The cookie can not be read
// here; what is kept of it is the word (`csrf`) that proves a write comes from this page.
// Invariant: a token goes before a session; a request that carries one needs no CSRF word.
import { shallowRef } from 'vue'

const KEY = 'bihu.token'

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** The token in use, `null` when the page speaks as the session, or as the public. */
export const token = shallowRef<string | null>(stored())

/** The word that writes of the present session carry. */
export const csrf = shallowRef<string | null>(null)

/** Rises when an answer said that the session or the token holds no longer. */
export const ended = shallowRef(0)

/** Signs in with a token, or out with `null`. */
export function setToken(value: string | null): void {
  token.value = value
  try {
    if (value) sessionStorage.setItem(KEY, value)
    else sessionStorage.removeItem(KEY)
  } catch {
    // Storage is switched off: the token lives as long as the page.
  }
}

/** Headers that say who asks. */
export function authorization(): Record<string, string> {
  return token.value ? { Authorization: `Bearer ${token.value}` } : {}
}

/** Headers that a write needs besides. */
export function proof(): Record<string, string> {
  return !token.value && csrf.value ? { 'X-CSRF-Token': csrf.value } : {}
}
