// Symbols as images for the legend: the same drawing as on the map, so that the two can not differ.
import type { Kind } from '../api/schema'
import { symbolKey, type LevelKey, type Look, type Mark } from './symbol-key'
import { drawImage, PIXEL_RATIO } from './symbols'

export interface SymbolPicture {
  url: string
  /** Side in CSS pixels. */
  side: number
}

const drawn = new Map<string, SymbolPicture>()

/** Returns a symbol as a data URL with its size on the map. */
export function symbolPicture(look: Look, kind: Kind, variant: string, level: LevelKey, mark: Mark = ''): SymbolPicture {
  const key = symbolKey(look, kind, variant, level, mark)
  const before = drawn.get(key)
  if (before) return before
  const canvas = drawImage(key)
  const picture = { url: canvas?.toDataURL() ?? '', side: (canvas?.width ?? 0) / PIXEL_RATIO }
  drawn.set(key, picture)
  return picture
}
