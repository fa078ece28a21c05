// What lies under everything else: the vector base map of the service in one of its styles, raster tiles of another server
// that the operator named, or nothing but the divisions.
//
// Invariants: without a base map on the server nothing is asked for and nothing changes; the styles are the server's, so
// that every client draws the same map; whatever lies there, its source and approval number (审图号) stand on the map.
import type { FilterSpecification, LayerSpecification, Map as MapLibreMap, SourceSpecification, SymbolLayerSpecification } from 'maplibre-gl'
import { fetchMeta, fetchStyle } from '../api/queries'
import type { Meta } from '../api/schema'
import { addChooser, addCredit, type Credit } from './ground-controls'
import type { Look } from './symbol-key'

/** What may be chosen: the style of the page's theme, high contrast, the other server's tiles, none. */
export type Ground = 'theme' | 'contrast' | 'raster' | 'none'

interface Style {
  sources: Record<string, SourceSpecification>
  layers: LayerSpecification[]
}

interface Laid {
  offered: Ground[]
  meta: Meta
  choice: Ground
  /** What is drawn now, so that the same is not drawn twice. */
  drawn: string
  /** Colour of the land in the style that is drawn. */
  colour: string | null
  look: Look | null
  paint: (look: Look) => void
}

const KEY = 'bihu.ground'
const PREFIX = 'base-'
/** Below what limits the district from the outside; labels lie above it. */
const UNDER_MASK = 'mask'
const UNDER_BORDERS = 'border'
/** How much of what is outside the district shows through where there is a map. */
const MASK_OVER_GROUND = 0.55
const RASTER_TILE_PX = 256

const laid = new WeakMap<MapLibreMap, Laid>()
const styles = new Map<string, Promise<Style>>()

/** Returns how the map takes a look: everything is painted for it, and again when another ground is chosen. */
export function onGround(map: MapLibreMap, paint: (look: Look) => void): (look: Look) => void {
  let last: Look | null = null
  void lay(map, (ground) => {
    ground.paint = paint
    ground.look = last
    if (last) show(map, ground)
  })
  return (look) => {
    last = look
    const ground = laid.get(map)
    if (!ground) return paint(look)
    ground.look = look
    show(map, ground)
  }
}

/** Asks what there is, and offers it. */
async function lay(map: MapLibreMap, ready: (ground: Laid) => void): Promise<void> {
  let meta: Meta
  try {
    meta = await fetchMeta()
  } catch {
    return
  }
  const offered = offer(meta.map)
  if (offered.length === 0 || map._removed) return
  const ground: Laid = { offered: [...offered, 'none'], meta, choice: chosen([...offered, 'none']), drawn: '', colour: null, look: null, paint: () => undefined }
  laid.set(map, ground)
  const credit = addCredit(map)
  credit(creditOf(meta.map, ground.choice))
  addChooser(map, { offered: ground.offered, choice: ground.choice }, (choice) => {
    ground.choice = choice
    keep(choice)
    credit(creditOf(meta.map, choice))
    if (ground.look) show(map, ground)
  })
  ready(ground)
}

/** Returns the grounds that a server has, the one shown first in front. */
export function offer(map: Pick<Meta['map'], 'vector' | 'raster'>): Ground[] {
  return [...(map.raster ? ['raster' as const] : []), ...(map.vector ? ['theme' as const, 'contrast' as const] : [])]
}

/** Returns what is to be said of a ground. The approval of another server's tiles is not that of the vector map. */
export function creditOf(map: Meta['map'], ground: Ground): Credit {
  if (ground === 'none' || ground === 'raster') return { approval: map.approval_number, sources: ground === 'none' ? [] : [map.source, map.data_date] }
  const own = map.raster ? [] : [map.source, map.data_date]
  return { approval: map.raster ? null : map.approval_number, sources: [...new Set([map.vector_source, map.vector_date, ...own])] }
}

/** High contrast is drawn light, and so are the symbols on it. */
function shownLook(ground: Laid, look: Look): Look {
  return ground.choice === 'contrast' ? { ...look, theme: 'light' } : look
}

function show(map: MapLibreMap, ground: Laid): void {
  const look = ground.look
  if (!look) return
  ground.paint(shownLook(ground, look))
  const wanted = `${ground.choice}.${look.theme}.${look.lang}`
  const isOn = ground.choice !== 'none'
  for (const id of ['land', 'district-land', 'graticule', 'graticule-text']) map.setLayoutProperty(id, 'visibility', isOn ? 'none' : 'visible')
  map.setPaintProperty('mask', 'fill-opacity', isOn ? MASK_OVER_GROUND : 1)
  map.getContainer().dataset.ground = ground.choice
  if (wanted !== ground.drawn) void draw(map, ground, wanted)
  else repaint(map, ground)
}

/** Draws the ground; a choice made meanwhile wins. */
async function draw(map: MapLibreMap, ground: Laid, wanted: string): Promise<void> {
  ground.drawn = wanted
  const style = await styleOf(ground)
  if (ground.drawn !== wanted || map._removed) return
  clear(map)
  ground.colour = null
  if (!style) return
  for (const [id, source] of Object.entries(style.sources)) if (!map.getSource(id)) map.addSource(id, source)
  for (const layer of style.layers) {
    if (layer.type === 'symbol') map.addLayer(withoutDivisions(layer, ground.meta), UNDER_BORDERS)
    else if (layer.type !== 'background') map.addLayer(layer, UNDER_MASK)
    else if (typeof layer.paint?.['background-color'] === 'string') ground.colour = layer.paint['background-color']
  }
  repaint(map, ground)
}

/** The colour of the ground itself, which the painting of the page has just set to its own. */
function repaint(map: MapLibreMap, ground: Laid): void {
  if (ground.colour) map.setPaintProperty('ground', 'background-color', ground.colour)
}

/** Settlements that the page names as divisions are not named twice. */
function withoutDivisions(layer: SymbolLayerSpecification, meta: Meta): LayerSpecification {
  if (layer['source-layer'] !== 'label') return layer
  const names = meta.divisions.map((division) => division.name)
  const others: FilterSpecification = ['!', ['in', ['get', 'name'], ['literal', names]]]
  return { ...layer, filter: layer.filter ? (['all', layer.filter, others] as FilterSpecification) : others }
}

function clear(map: MapLibreMap): void {
  for (const id of map.getLayersOrder()) if (id.startsWith(PREFIX)) map.removeLayer(id)
}

async function styleOf(ground: Laid): Promise<Style | null> {
  const { choice, look, meta } = ground
  if (choice === 'none' || !look) return null
  if (choice === 'raster') return meta.map.raster ? rasterStyle(meta.map.raster.template) : null
  const name = choice === 'contrast' ? 'contrast' : look.theme
  const key = `${name}.${look.lang}`
  const style = styles.get(key) ?? (fetchStyle(name, look.lang) as Promise<Style>)
  styles.set(key, style)
  try {
    return await style
  } catch {
    styles.delete(key)
    return null
  }
}

function rasterStyle(template: string): Style {
  return {
    sources: { 'base-raster': { type: 'raster', tiles: [template], tileSize: RASTER_TILE_PX } },
    layers: [{ id: 'base-raster', type: 'raster', source: 'base-raster' }],
  }
}

function chosen(offered: readonly Ground[]): Ground {
  const first = matchMedia('(prefers-contrast: more)').matches && offered.includes('contrast') ? 'contrast' : offered[0] ?? 'none'
  try {
    return offered.find((ground) => ground === localStorage.getItem(KEY)) ?? first
  } catch {
    return first
  }
}

function keep(choice: Ground): void {
  try {
    localStorage.setItem(KEY, choice)
  } catch {
    // Storage is switched off: the choice lives as long as the page.
  }
}
