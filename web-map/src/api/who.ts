// Who is signed in, shared by every page of the tab, and the ways in and out.
//
// Invariant: `session` is what the server said last; no page works out rights by itself.
import { computed, shallowRef } from 'vue'
import { deleteSession, fetchSession, postSession, setUp, type Right, type SessionAnswer } from './accounts'
import { AskError } from './problem'
import { csrf, setToken, token } from './session'

const NOBODY: SessionAnswer = { account: null, csrf: null, expires_at: null, rights: [], oidc: null, setup_open: false }

/** The server's last word on who is signed in; `null` before it was asked. */
export const session = shallowRef<SessionAnswer | null>(null)
/** The account in use, `null` for the public. */
export const account = computed(() => session.value?.account ?? null)

/** True when the one who is signed in has the right. */
export const has = (right: Right): boolean => session.value?.rights.includes(right) ?? false

function keep(answer: SessionAnswer): SessionAnswer {
  session.value = answer
  csrf.value = answer.csrf
  return answer
}

/** Asks who is signed in. A token that no longer holds is given up. */
export async function loadSession(): Promise<SessionAnswer> {
  try {
    return keep(await fetchSession())
  } catch (error) {
    if (!(error instanceof AskError) || error.status !== 401 || !token.value) throw error
    setToken(null)
    return keep(await fetchSession())
  }
}

/** Signs in with a name and a password; a token in use is given up for it. */
export async function signIn(name: string, password: string): Promise<void> {
  setToken(null)
  const answer = await postSession(name, password)
  keep({ ...NOBODY, ...answer })
  await loadSession()
}

/** Signs in with a token, tried before it is kept. */
export async function signInWithToken(text: string): Promise<void> {
  const before = token.value
  setToken(text)
  try {
    keep(await fetchSession())
  } catch (error) {
    setToken(before)
    throw error
  }
}

/** Takes up a set-up link: the first account, an invitation or a reset. Signs in. */
export async function takeUp(body: Parameters<typeof setUp>[0]): Promise<void> {
  setToken(null)
  keep({ ...NOBODY, ...(await setUp(body)) })
  await loadSession()
}

/** Signs out of the token, or of the session. */
export async function signOut(): Promise<void> {
  if (token.value) setToken(null)
  else await deleteSession()
  session.value = NOBODY
  csrf.value = null
  await loadSession()
}
