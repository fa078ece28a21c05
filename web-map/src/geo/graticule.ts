// Lines of longitude and latitude for the part of the world in view.
import type { Feature, FeatureCollection, LineString } from 'geojson'
import type { Box } from './extent'

const STEPS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]
const LINES_MAX = 9

/** The step in degrees that draws at most nine lines over a span. */
export function stepFor(span: number): number {
  return STEPS.find((step) => span / step <= LINES_MAX) ?? 30
}

/** Names a meridian; one that a map has wrapped past 180° has its own name. */
function meridian(degrees: number, digits: number): string {
  const lon = ((((degrees + 180) % 360) + 360) % 360) - 180
  return `${Math.abs(lon).toFixed(digits)}°${lon < 0 ? 'W' : 'E'}`
}

/** Returns the lines over the box, each with a `text` such as `121.20°E`. */
export function graticule([west, south, east, north]: Box): FeatureCollection<LineString, { text: string }> {
  const step = stepFor(Math.max(east - west, north - south))
  const digits = step >= 1 ? 0 : Math.ceil(-Math.log10(step))
  const features: Feature<LineString, { text: string }>[] = []
  const line = (from: [number, number], to: [number, number], text: string) =>
    features.push({ type: 'Feature', geometry: { type: 'LineString', coordinates: [from, to] }, properties: { text } })
  for (let i = Math.ceil(west / step); i * step <= east; i += 1) {
    line([i * step, south], [i * step, north], meridian(i * step, digits))
  }
  for (let i = Math.ceil(south / step); i * step <= north; i += 1) {
    line([west, i * step], [east, i * step], `${Math.abs(i * step).toFixed(digits)}°${i * step < 0 ? 'S' : 'N'}`)
  }
  return { type: 'FeatureCollection', features }
}
