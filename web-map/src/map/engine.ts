// The one door to MapLibre: its worker, its style sheet, and how a map of ours starts.
//
// Invariant: nothing is asked of another host. The style names no tiles, no sprite and no glyphs; text is drawn from the
// machine's fonts, symbols from `symbols.ts`.
import { Map as MapLibreMap, NavigationControl, ScaleControl, setWorkerUrl, type GeoJSONSource } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import 'maplibre-gl/dist/maplibre-gl.css'
import './map.css'
import type { GeoJSON } from 'geojson'
import type { Box } from '../geo/extent'
import { drawImage, PIXEL_RATIO } from './symbols'

setWorkerUrl(workerUrl)

export const FONT = ['PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'sans-serif']
/** Layout of lines without corners. */
export const ROUND = { 'line-cap': 'round', 'line-join': 'round' } as const
export const NOTHING: GeoJSON = { type: 'FeatureCollection', features: [] }

/** How much larger than on a desk things are drawn: a wall screen sets a larger root font. */
export const uiScale = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16

export interface MapWords {
  zoomIn: string
  zoomOut: string
  map: string
}

/** Opens an empty map over a box; resolves when layers can be added. Rejects when WebGL is missing. */
export async function openMap(container: HTMLElement, box: Box, words: MapWords): Promise<MapLibreMap> {
  const map = new MapLibreMap({
    container,
    style: { version: 8, sources: {}, layers: [{ id: 'ground', type: 'background', paint: { 'background-color': 'rgba(0,0,0,0)' } }] },
    bounds: box,
    fitBoundsOptions: { padding: 24 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    minZoom: 1,
    maxZoom: 19,
    fadeDuration: 100,
    localIdeographFontFamily: FONT.map((name) => (name.includes(' ') ? `"${name}"` : name)).join(','),
    locale: { 'NavigationControl.ZoomIn': words.zoomIn, 'NavigationControl.ZoomOut': words.zoomOut, 'Map.Title': words.map },
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right')
  map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-right')
  map.setMissingStyleImageResolver((id) => {
    const canvas = drawImage(id)
    const image = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height)
    if (image && !map.hasImage(id)) map.addImage(id, image, { pixelRatio: PIXEL_RATIO })
  })
  await new Promise<void>((resolve) => map.once('load', () => resolve()))
  return map
}

/** Returns a GeoJSON source that was added before. */
export function sourceOf(map: MapLibreMap, id: string): GeoJSONSource {
  const source = map.getSource<GeoJSONSource>(id)
  if (!source) throw new Error(`no source ${id}`)
  return source
}

/** Replaces the content of a source. */
export function fillSource(map: MapLibreMap, id: string, content: GeoJSON): void {
  void sourceOf(map, id).setData(content)
}
