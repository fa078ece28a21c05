// Phrases on the map itself.
import { phrases } from './lang'

export const mapPhrases = {
  zoomIn: { zh: '放大', en: 'Zoom in' },
  zoomOut: { zh: '缩小', en: 'Zoom out' },
  pin: { zh: '图钉：拖动，或用方向键移动', en: 'Pin: drag it, or move it with the arrow keys' },
  pinFixed: { zh: '图钉', en: 'Pin' },
  map: { zh: '地图', en: 'Map' },
  groundNow: { zh: '底图：{now}', en: 'Base map: {now}' },
  ground_theme: { zh: '随界面明暗', en: 'as the page' },
  ground_contrast: { zh: '高对比', en: 'high contrast' },
  ground_raster: { zh: '外部底图', en: 'tiles of another server' },
  ground_none: { zh: '仅行政区划', en: 'divisions only' },
  approval: { zh: '审图号', en: 'Map approval no.' },
  unapproved: { zh: '未填审图号，仅供内部使用', en: 'no map approval number: internal use only' },
}

export const tm = phrases(mapPhrases)
