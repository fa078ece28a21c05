// The map of one place: where it is, where it would be, and how that is chosen: by dragging, by a tap, by the arrow keys.
//
// Invariant: the pin says where it was put and nothing else; what a position means is told by the page.
import { Marker, type Map as MapLibreMap } from 'maplibre-gl'
import type { Feature } from 'geojson'
import type { Closure } from '../api/roads'
import type { DivisionLayer, LonLat } from '../api/schema'
import { nudge } from '../geo/apart'
import { circle } from '../geo/circle'
import { collection, lineAlong, pointAt } from '../geo/features'
import { boxOf, type Box } from '../geo/extent'
import { addBasemap, addPlainLabels, paintBasemap, showDivisions, showGraticule } from './basemap'
import { addClosures, paintClosures, showClosures } from './closures'
import { fillSource, NOTHING, openMap, type MapWords } from './engine'
import { onGround } from './ground'
import { palettes } from './palette'
import type { Look } from './symbol-key'

export interface Pinned {
  /** Where it is now; drawn as a ring that stays. */
  from: LonLat | null
  /** Where it would be; drawn as the pin. */
  to: LonLat | null
  /** Radius within which a device believes to be, metres. */
  accuracy_m?: number | null
}

export interface PinMap {
  showDivisions: (layer: DivisionLayer) => void
  showClosures: (closures: readonly Closure[]) => void
  show: (pinned: Pinned) => void
  /** Brings both ends into view. */
  aim: (pinned: Pinned) => void
  setLook: (look: Look) => void
  destroy: () => void
}

export interface PinMapOptions {
  container: HTMLElement
  box: Box
  look: Look
  words: MapWords & { pin: string }
  /** Without it the pin stays where it is. */
  onMove: ((at: LonLat) => void) | null
}

const AIM_ZOOM_MAX = 15.5
const STEP_M = 2
const LONG_STEP_M = 20
const ARROWS: Record<string, [east: number, north: number]> = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }

/** Opens the map. Rejects when the browser cannot draw it. */
export async function openPinMap({ container, box, look, words, onMove }: PinMapOptions): Promise<PinMap> {
  const map = await openMap(container, box, words)
  addBasemap(map)
  addClosures(map)
  for (const id of ['move', 'accuracy']) map.addSource(id, { type: 'geojson', data: NOTHING })
  map.addLayer({ id: 'accuracy', type: 'fill', source: 'accuracy', paint: { 'fill-opacity': 0.12 } })
  map.addLayer({ id: 'move-line', type: 'line', source: 'move', filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-width': 2, 'line-dasharray': [2, 1.5] } })
  map.addLayer({ id: 'move-from', type: 'circle', source: 'move', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 8, 'circle-stroke-width': 3 } })
  addPlainLabels(map)
  const pin = new Marker({ element: drawPin(words.pin, onMove !== null), anchor: 'bottom', draggable: onMove !== null })
  const setLook = onGround(map, (next) => {
    paintBasemap(map, next)
    paintClosures(map, next)
    const p = palettes[next.theme]
    map.setPaintProperty('move-line', 'line-color', p.ray)
    map.setPaintProperty('move-from', 'circle-color', p.paper)
    map.setPaintProperty('move-from', 'circle-stroke-color', p.ray)
    map.setPaintProperty('accuracy', 'fill-color', p.kinds.shelter)
  })
  setLook(look)
  showGraticule(map)
  map.on('moveend', () => showGraticule(map))
  map.on('idle', () => (container.dataset.ready = 'true'))
  if (onMove) bindMoves(map, pin, onMove)
  let shownPin = false
  return {
    showDivisions: (layer) => showDivisions(map, layer),
    showClosures: (closures) => showClosures(map, closures),
    show(pinned) {
      fillSource(map, 'move', collection(moveOf(pinned)))
      fillSource(map, 'accuracy', pinned.to && pinned.accuracy_m ? circle(pinned.to, pinned.accuracy_m) : NOTHING)
      if (!pinned.to) pin.remove()
      else {
        pin.setLngLat(pinned.to)
        if (!shownPin) pin.addTo(map)
      }
      shownPin = pinned.to !== null
    },
    aim({ from, to }) {
      const target = boxOf([from, to].filter((at) => at !== null))
      if (target) map.fitBounds(target, { padding: 64, maxZoom: AIM_ZOOM_MAX, duration: 300 })
    },
    setLook,
    destroy: () => map.remove(),
  }
}

function bindMoves(map: MapLibreMap, pin: Marker, onMove: (at: LonLat) => void): void {
  const where = (): LonLat => [pin.getLngLat().lng, pin.getLngLat().lat]
  pin.on('drag', () => onMove(where()))
  pin.on('dragend', () => onMove(where()))
  map.on('click', (event) => onMove([event.lngLat.lng, event.lngLat.lat]))
  pin.getElement().addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key]
    if (!arrow) return
    event.preventDefault()
    event.stopPropagation()
    const step = event.shiftKey ? LONG_STEP_M : STEP_M
    onMove(nudge(where(), arrow[0] * step, arrow[1] * step))
  })
}

function moveOf({ from, to }: Pinned): Feature[] {
  if (!from) return []
  return to ? [lineAlong([from, to]), pointAt(from)] : [pointAt(from)]
}

function drawPin(label: string, movable: boolean): HTMLElement {
  const element = document.createElement('div')
  element.className = movable ? 'pin movable' : 'pin'
  element.dataset.testid = 'pin'
  element.title = label
  element.setAttribute('role', movable ? 'button' : 'img')
  element.setAttribute('aria-label', label)
  if (movable) element.tabIndex = 0
  element.innerHTML = '<svg viewBox="0 0 28 38" width="34" height="46" aria-hidden="true"><path d="M14 37C14 37 2 22.500 2 13.500a12 12 0 0 1 24 0C26 22.500 14 37 14 37z"/><circle cx="14" cy="13.500" r="4.500"/></svg>'
  return element
}
