// What can be said of a new password before the server is asked.

export const PASSWORD_MIN = 10

/** Returns what is wrong with a new password typed twice, `null` for nothing. */
export function fault(password: string, repeat: string): 'short' | 'differ' | null {
  if ([...password].length < PASSWORD_MIN) return 'short'
  return password === repeat ? null : 'differ'
}
