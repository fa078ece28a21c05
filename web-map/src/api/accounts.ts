// Sign-in, accounts and tokens: the questions and their wire types.
import { address, ask, askTagged } from './http'

export type Role = 'public' | 'reporter' | 'editor' | 'dispatcher' | 'planner' | 'steward' | 'admin'
export type Right = 'see_staff_data' | 'edit_resources' | 'import' | 'answer_reports' | 'close_roads' | 'keep_feeds' | 'keep_settings' | 'keep_accounts'
export const ROLES: readonly Role[] = ['reporter', 'editor', 'dispatcher', 'planner', 'steward', 'admin']

/** Who is signed in. */
export interface Signed {
  name: string
  display_name?: string | null
  role: Role
  scope?: string | null
  scope_name?: string | null
}

export interface SessionAnswer {
  account: Signed | null
  csrf: string | null
  expires_at: string | null
  rights: Right[]
  oidc: { label: string } | null
  setup_open: boolean
}

export interface Account extends Signed {
  disabled: boolean
  version: number
  created_at?: string | null
  last_sign_in_at?: string | null
  /** Without one it waits for its invitation to be followed. */
  has_password: boolean
}

/** A link that works once and is shown once: a path with the secret behind the `#`. */
export interface OneTime {
  link: string
  expires_at: string
}

/** What a one-time link is for. */
export interface LinkAnswer {
  purpose: 'first_admin' | 'invite' | 'reset'
  account: Signed | null
  expires_at: string
}

/** A line of the trail: what was done to accounts, tokens and sessions. */
export interface TrailLine {
  id: string
  at: string
  last_at: string
  count: number
  actor: string
  act: string
  act_zh: string
  target: string
  address: string
}

export interface Token {
  id: string
  name: string
  role: Role
  scope?: string | null
  scope_name?: string | null
  created_at?: string | null
  expires_at?: string | null
  state: 'valid' | 'expired' | 'revoked'
}

export interface NewAccount {
  name: string
  display_name: string | null
  role: Role
  scope: string | null
  password?: string
}

export type AccountPatch = Partial<Pick<Account, 'display_name' | 'role' | 'scope' | 'disabled'>>

const named = (path: string, name: string) => `${path}/${encodeURIComponent(name)}`

export const fetchSession = (signal?: AbortSignal) => ask<SessionAnswer>('/api/session', signal ? { signal } : {})
export const postSession = (name: string, password: string) => ask<SessionAnswer>('/api/session', { method: 'POST', body: { name, password } })
export const deleteSession = () => ask<null>('/api/session', { method: 'DELETE' })
export const changePassword = (current: string, next: string) => ask<SessionAnswer>('/api/session/password', { method: 'POST', body: { current, new: next } })
export const readLink = (secret: string) => ask<LinkAnswer>('/api/setup/link', { method: 'POST', body: { secret } })
export const setUp = (body: { secret: string; name?: string; password: string; display_name?: string }) => ask<SessionAnswer>('/api/setup', { method: 'POST', body })

export const fetchAccounts = (after: string | null, signal: AbortSignal) => ask<{ accounts: Account[]; next: string | null }>(address('/api/accounts', { after }), { signal })
export const createAccount = (body: NewAccount) => ask<Account & { invite: OneTime | null }>('/api/accounts', { method: 'POST', body })
export const patchAccount = (account: Account, body: AccountPatch) =>
  askTagged<Account>(named('/api/accounts', account.name), { method: 'PATCH', body, headers: { 'If-Match': `"v${account.version}"` } })
export const resetAccount = (name: string) => ask<OneTime>(`${named('/api/accounts', name)}/reset`, { method: 'POST' })
export const deleteAccount = (name: string) => ask<null>(named('/api/accounts', name), { method: 'DELETE' })

export const fetchTrail = (before: string | null, signal: AbortSignal) => ask<{ entries: TrailLine[]; next: string | null }>(address('/api/audit', { before, limit: 50 }), { signal })

export const fetchTokens = (signal: AbortSignal) => ask<{ tokens: Token[]; next?: string | null }>('/api/tokens', { signal })
export const createToken = (body: { name: string; role: Role; scope: string | null; expires_in_days: number }) => ask<{ token: string; id: string }>('/api/tokens', { method: 'POST', body })
export const deleteToken = (id: string) => ask<null>(named('/api/tokens', id), { method: 'DELETE' })
