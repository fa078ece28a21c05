// Draws symbols and cluster rings on a canvas: shape by kind, fill by state, size and ring by level.
import type { Kind } from '../api/schema'
import type { Theme } from '../design/theme'
import { outline } from './shapes'
import { palettes, type Palette } from './palette'
import { KINDS, type LevelKey } from './symbol-key'

export const PIXEL_RATIO = 2

const RADIUS: Record<LevelKey, number> = { city: 13, district: 11.5, town: 9.5, village: 8, none: 8 }
const RINGS: Record<LevelKey, number> = { city: 2, district: 1, town: 0, village: 0, none: 0 }
const CLUSTER_RADIUS: Record<string, number> = { s: 14, m: 17, l: 21, x: 25 }

const SITE_GLYPHS: Record<string, { zh: string; en: string }> = {
  fire_station: { zh: '消', en: 'F' },
  hospital: { zh: '医', en: 'H' },
  water_source: { zh: '水', en: 'W' },
  watchtower: { zh: '塔', en: 'T' },
  helipad: { zh: '机', en: 'A' },
  key_unit: { zh: '重', en: 'K' },
  hazard_source: { zh: '危', en: 'Z' },
  other: { zh: '他', en: '·' },
}

interface Pen {
  context: CanvasRenderingContext2D
  palette: Palette
  centre: number
}

function pen(side: number, palette: Palette): Pen {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = side * PIXEL_RATIO
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no 2D canvas')
  context.scale(PIXEL_RATIO, PIXEL_RATIO)
  context.lineJoin = 'round'
  return { context, palette, centre: side / 2 }
}

/** Draws the image of an id, `null` for an id that is not one of ours. */
export function drawImage(id: string): HTMLCanvasElement | null {
  const [look, kind, variant, last, mark] = id.split('|')
  const [theme, lang] = (look ?? '').split('.')
  const palette = palettes[theme as Theme]
  if (!palette || kind === undefined || variant === undefined || last === undefined) return null
  if (kind === 'cluster') return drawCluster(palette, variant, last)
  if (!KINDS.includes(kind as Kind)) return null
  const canvas = drawSymbol(palette, kind as Kind, variant, last as LevelKey, lang === 'en' ? 'en' : 'zh')
  if (mark === 'lock') drawLock(canvas, palette)
  return canvas
}

function drawSymbol(palette: Palette, kind: Kind, variant: string, level: LevelKey, lang: 'zh' | 'en'): HTMLCanvasElement {
  const radius = RADIUS[level] ?? RADIUS.none
  const rings = RINGS[level] ?? 0
  const side = Math.ceil((radius + 3 + rings * 3) * 2.2)
  const { context, centre } = pen(side, palette)
  const colour = variant === 'idle' ? palette.idle : palette.kinds[kind]
  for (let ring = rings; ring > 0; ring -= 1) {
    context.lineWidth = 3.4
    context.strokeStyle = palette.paper
    context.stroke(outline(kind, centre, centre, radius + 0.5 + ring * 3))
    context.lineWidth = 1.5
    context.strokeStyle = colour
    context.stroke(outline(kind, centre, centre, radius + 0.5 + ring * 3))
  }
  const shape = outline(kind, centre, centre, radius)
  context.lineWidth = 3.5
  context.strokeStyle = palette.paper
  context.stroke(shape)
  context.fillStyle = palette.paper
  context.fill(shape)
  fillState(context, shape, { kind, variant, colour, centre, radius })
  context.lineWidth = 1.8
  context.strokeStyle = colour
  context.setLineDash(variant === 'idle' || variant === 'unknown' ? [2.6, 2] : [])
  context.stroke(shape)
  context.setLineDash([])
  drawMark(context, { kind, variant, colour, centre, radius, paper: palette.paper, lang })
  return context.canvas
}

/** A padlock in the lower right corner: not to be told to the public. */
function drawLock(canvas: HTMLCanvasElement, palette: Palette): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const side = canvas.width / PIXEL_RATIO
  const [x, y] = [side - 6.5, side - 6.5]
  context.fillStyle = palette.paper
  context.beginPath()
  context.arc(x, y, 6.5, 0, Math.PI * 2)
  context.fill()
  context.fillStyle = context.strokeStyle = palette.ink
  context.lineWidth = 1.4
  context.beginPath()
  context.arc(x, y - 1.2, 2.1, Math.PI, 0)
  context.stroke()
  context.fillRect(x - 3.2, y - 1, 6.4, 4.6)
}

interface Drawn {
  kind: Kind
  variant: string
  colour: string
  centre: number
  radius: number
}

/** Solid for what works now, half for a state in between, hollow for closed, unknown and out of service. */
function fillState(context: CanvasRenderingContext2D, shape: Path2D, { variant, colour, centre, radius }: Drawn): void {
  if (['closed', 'unknown', 'idle'].includes(variant)) return
  context.save()
  context.fillStyle = colour
  context.clip(shape)
  const top = variant === 'preparing' ? centre : centre - radius * 1.2
  const height = variant === 'preparing' || variant === 'closing' ? radius * 1.2 : radius * 2.4
  context.fillRect(centre - radius * 1.2, top, radius * 2.4, height)
  context.restore()
}

/** The sign inside: a tick, a bar, a question mark, a tier number, a letter. */
function drawMark(context: CanvasRenderingContext2D, { kind, variant, colour, centre: c, radius: r, paper, lang }: Drawn & { paper: string; lang: 'zh' | 'en' }): void {
  context.lineWidth = Math.max(1.6, r / 5)
  context.lineCap = 'round'
  context.strokeStyle = paper
  const line = (...points: [number, number][]) => {
    context.beginPath()
    points.forEach(([x, y], i) => (i === 0 ? context.moveTo(c + x * r, c + y * r) : context.lineTo(c + x * r, c + y * r)))
    context.stroke()
  }
  const write = (text: string, fill: string, size: number) => {
    context.fillStyle = fill
    context.font = `700 ${size}px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif`
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillText(text, c, c + size * 0.06)
  }
  if (variant === 'idle') return
  if (variant === 'unknown') return write('?', colour, r * 1.35)
  if (kind === 'site') return write((SITE_GLYPHS[variant] ?? SITE_GLYPHS.other)?.[lang] ?? '', paper, r * 1.2)
  if (kind === 'storage_point' || kind === 'warehouse') return write(variant, paper, r * 1.3)
  if (variant === 'open') line([-0.4, 0.2], [-0.08, 0.5], [0.44, -0.12])
  if (variant === 'full') line([-0.45, 0.25], [0.45, 0.25])
  if (variant === 'standby') line([-0.4, -0.1], [0.4, -0.1])
  if (variant === 'dispatched') line([-0.25, -0.45], [0.25, -0.05], [-0.25, 0.35])
  if (variant === 'engaged') {
    line([-0.32, -0.42], [0.32, 0.28])
    line([0.32, -0.42], [-0.32, 0.28])
  }
}

function drawCluster(palette: Palette, shares: string, size: string): HTMLCanvasElement {
  const radius = CLUSTER_RADIUS[size] ?? 14
  const { context, centre } = pen(radius * 2 + 6, palette)
  const parts = shares.split(',').map(Number)
  const total = parts.reduce((sum, part) => sum + part, 0) || 1
  context.fillStyle = palette.paper
  context.beginPath()
  context.arc(centre, centre, radius + 2, 0, Math.PI * 2)
  context.fill()
  context.lineWidth = 4
  let from = -Math.PI / 2
  KINDS.forEach((kind, i) => {
    const angle = ((parts[i] ?? 0) / total) * Math.PI * 2
    if (angle === 0) return
    context.strokeStyle = palette.kinds[kind]
    context.beginPath()
    context.arc(centre, centre, radius - 1, from, from + angle)
    context.stroke()
    from += angle
  })
  return context.canvas
}
