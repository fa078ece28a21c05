// The map of an import: where each row's place was, where it would be, and a line between.
//
// Colours say the class: new is green, changed is dark, the same is grey, what has a flag wears a ring in the colour of a gap.
import type { Feature } from 'geojson'
import type { ExpressionSpecification, Map as MapLibreMap } from 'maplibre-gl'
import type { Closure } from '../api/roads'
import type { DivisionLayer, LonLat } from '../api/schema'
import { boxOf, type Box } from '../geo/extent'
import { collection, lineAlong, pointAt } from '../geo/features'
import { addBasemap, addPlainLabels, paintBasemap, showDivisions, showGraticule } from './basemap'
import { addClosures, paintClosures, showClosures } from './closures'
import { fillSource, NOTHING, openMap, type MapWords } from './engine'
import { onGround } from './ground'
import { palettes } from './palette'
import type { Look } from './symbol-key'

export interface Shift {
  row: number
  class: string
  flagged: boolean
  before: LonLat | null
  after: LonLat | null
}

export interface ShiftMap {
  showDivisions: (layer: DivisionLayer) => void
  showClosures: (closures: readonly Closure[]) => void
  show: (shifts: readonly Shift[]) => void
  select: (row: number | null) => void
  fit: () => void
  setLook: (look: Look) => void
  destroy: () => void
}

export interface ShiftMapOptions {
  container: HTMLElement
  box: Box
  look: Look
  words: MapWords
  onRow: (row: number) => void
}

const TOUCH_PX = 7

/** Opens the map. Rejects when the browser cannot draw it. */
export async function openShiftMap({ container, box, look, words, onRow }: ShiftMapOptions): Promise<ShiftMap> {
  const map = await openMap(container, box, words)
  addBasemap(map)
  addClosures(map)
  addLayers(map)
  const setLook = onGround(map, (next) => {
    paintBasemap(map, next)
    paintClosures(map, next)
    paint(map, next)
  })
  setLook(look)
  showGraticule(map)
  let drawn: readonly Shift[] = []
  const fit = () => {
    const target = boxOf(drawn.flatMap(({ before, after }) => [before, after]).filter((at) => at !== null))
    if (target) map.fitBounds(target, { padding: 48, maxZoom: 15, duration: 300 })
  }
  map.on('moveend', () => showGraticule(map))
  map.on('idle', () => (container.dataset.ready = 'true'))
  map.on('click', ({ point: { x, y } }) => {
    const [hit] = map.queryRenderedFeatures([[x - TOUCH_PX, y - TOUCH_PX], [x + TOUCH_PX, y + TOUCH_PX]], { layers: ['after', 'before'] })
    if (hit) onRow(Number(hit.properties.row))
  })
  return {
    showDivisions: (layer) => showDivisions(map, layer),
    showClosures: (closures) => showClosures(map, closures),
    show(shifts) {
      drawn = shifts
      fillSource(map, 'lines', collection(shifts.flatMap(lineOf)))
      fillSource(map, 'before', collection(shifts.flatMap((s) => (s.before && moved(s) ? [pointAt(s.before, { row: s.row })] : []))))
      fillSource(map, 'after', collection(shifts.flatMap((s) => (s.after ? [pointAt(s.after, { row: s.row, class: s.class, flagged: s.flagged })] : []))))
      container.dataset.drawn = String(shifts.filter((s) => s.after).length)
      container.dataset.moved = String(shifts.filter(moved).length)
      fit()
    },
    select(row) {
      const one = drawn.find((s) => s.row === row)
      fillSource(map, 'chosen', collection(one?.after ? [pointAt(one.after, {})] : []))
      if (one?.after) map.easeTo({ center: one.after, zoom: Math.max(map.getZoom(), 14), duration: 300 })
    },
    fit,
    setLook,
    destroy: () => map.remove(),
  }
}

const moved = ({ before, after }: Shift): boolean => Boolean(before && after && (before[0] !== after[0] || before[1] !== after[1]))

function lineOf(shift: Shift): Feature[] {
  if (!shift.before || !shift.after || !moved(shift)) return []
  return [lineAlong([shift.before, shift.after], { row: shift.row })]
}

function addLayers(map: MapLibreMap): void {
  for (const id of ['lines', 'before', 'after', 'chosen']) map.addSource(id, { type: 'geojson', data: NOTHING })
  map.addLayer({ id: 'lines', type: 'line', source: 'lines', paint: { 'line-width': 1.6, 'line-dasharray': [2, 1.5] } })
  map.addLayer({ id: 'before', type: 'circle', source: 'before', paint: { 'circle-radius': 5, 'circle-stroke-width': 2 } })
  map.addLayer({ id: 'chosen', type: 'circle', source: 'chosen', paint: { 'circle-radius': 13, 'circle-stroke-width': 3, 'circle-opacity': 0 } })
  map.addLayer({ id: 'after', type: 'circle', source: 'after', paint: { 'circle-radius': ['case', ['get', 'flagged'], 6.5, 5.5], 'circle-stroke-width': ['case', ['get', 'flagged'], 3, 1.5] } })
  addPlainLabels(map)
}

function paint(map: MapLibreMap, look: Look): void {
  const p = palettes[look.theme]
  map.setPaintProperty('lines', 'line-color', p.ray)
  map.setPaintProperty('before', 'circle-color', p.paper)
  map.setPaintProperty('before', 'circle-stroke-color', p.ray)
  map.setPaintProperty('chosen', 'circle-stroke-color', p.ink)
  map.setPaintProperty('after', 'circle-color', ['match', ['get', 'class'], 'new', p.kinds.shelter, 'changed', p.ink, p.idle] as ExpressionSpecification)
  map.setPaintProperty('after', 'circle-stroke-color', ['case', ['get', 'flagged'], p.gap, p.paper] as ExpressionSpecification)
}
