// The coordinate systems a file may be in, as choices, and their names.
//
// Invariant: `zones()` lists exactly the codes EPSG:4491–4554 that the server knows, near the district first.
import { tim } from '../../../i18n/imports'

export interface Zone {
  crs: string
  text: string
  central_meridian_deg: number
}

/** Returns all Gauss–Krüger zones, those whose central meridian is nearest to `lon` first. */
export function zones(lon: number | null): Zone[] {
  const all: Zone[] = []
  for (let code = 4491; code <= 4554; code += 1) all.push(zoneOf(code))
  if (lon === null) return all
  return all.sort((a, b) => Math.abs(a.central_meridian_deg - lon) - Math.abs(b.central_meridian_deg - lon))
}

function zoneOf(code: number): Zone {
  const [phrase, degrees, number] =
    code <= 4501 ? (['zone6Prefix', (code - 4491) * 6 + 75, code - 4491 + 13] as const)
    : code <= 4512 ? (['zone6', (code - 4502) * 6 + 75, 0] as const)
    : code <= 4533 ? (['zone3Prefix', (code - 4513) * 3 + 75, code - 4513 + 25] as const)
    : (['zone3', (code - 4534) * 3 + 75, 0] as const)
  return { crs: `EPSG:${code}`, text: `${tim(phrase, { n: degrees, z: number })} · EPSG:${code}`, central_meridian_deg: degrees }
}

/** Choices that need no further word. */
export const PLAIN = ['wgs84', 'gcj02', 'bd09', 'cgcs2000', 'web_mercator'] as const
const NAMES = { wgs84: 'datumWgs84', gcj02: 'datumGcj', bd09: 'datumBd', cgcs2000: 'datumCgcs', web_mercator: 'datumMercator' } as const

/** Returns the name of a coordinate system in the language in use. */
export function datumName(crs: string): string {
  const plain = PLAIN.find((word) => word === crs.toLowerCase())
  if (plain) return tim(NAMES[plain])
  const code = Number(/^EPSG:(\d+)$/i.exec(crs)?.[1])
  if (code >= 4491 && code <= 4554) return zoneOf(code).text
  return crs.startsWith('local:') ? crs.slice(6) : crs
}
