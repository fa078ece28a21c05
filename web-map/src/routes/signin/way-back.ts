// Where sign-in leads back to.
//
// Invariant: only to a page of this site: an address that names a host (`//host`, `https:…`) is not followed.

/** Returns the path asked for if it is one of ours, else the data desk. */
export function wayBack(asked: unknown): string {
  return typeof asked === 'string' && /^\/(?![/\\])/.test(asked) ? asked : '/data'
}
