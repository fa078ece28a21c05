// Phrases on the map itself.
import { phrases } from './lang'

export const mapPhrases = {
  zoomIn: { zh: '放大', en: 'Zoom in' },
  zoomOut: { zh: '缩小', en: 'Zoom out' },
  pin: { zh: '图钉：拖动，或用方向键移动', en: 'Pin: drag it, or move it with the arrow keys' },
  pinFixed: { zh: '图钉', en: 'Pin' },
  map: { zh: '地图', en: 'Map' },
}

export const tm = phrases(mapPhrases)
