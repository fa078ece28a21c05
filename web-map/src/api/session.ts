// The bearer token of this tab. Kept in sessionStorage: closing the tab signs out, other tabs stay public.
import { shallowRef } from 'vue'

const KEY = 'bihu.token'

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** The token in use, `null` when the page speaks as the public. */
export const token = shallowRef<string | null>(stored())

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
