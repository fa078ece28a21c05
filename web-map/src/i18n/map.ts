// Phrases on the map itself.
import { phrases } from './lang'

export const mapPhrases = {
  zoomIn: { zh: '放大', en: 'Zoom in' },
  zoomOut: { zh: '缩小', en: 'Zoom out' },
  map: { zh: '地图', en: 'Map' },
}

export const tm = phrases(mapPhrases)
