import { expect, test } from 'vitest'
import { palettes } from '../src/map/palette'

function rgb(hex: string): [number, number, number] {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255) as [number, number, number]
}

function luminance(hex: string): number {
  const [r, g, b] = rgb(hex).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** Hue in degrees and saturation 0..1. */
function hueOf(hex: string): { hue: number; saturation: number } {
  const [r, g, b] = rgb(hex)
  const [max, min] = [Math.max(r, g, b), Math.min(r, g, b)]
  const d = max - min
  if (d === 0) return { hue: 0, saturation: 0 }
  const hue = max === r ? ((g - b) / d + 6) % 6 : max === g ? (b - r) / d + 2 : (r - g) / d + 4
  return { hue: hue * 60, saturation: d / max }
}

test.each(['light', 'dark'] as const)('symbols and labels of the %s map stand out from the land', (theme) => {
  const p = palettes[theme]
  for (const [kind, colour] of Object.entries(p.kinds)) expect(contrast(colour, p.land), kind).toBeGreaterThanOrEqual(4.5)
  expect(contrast(p.label, p.land)).toBeGreaterThanOrEqual(4.5)
  expect(contrast(p.gap, p.land)).toBeGreaterThanOrEqual(4.5)
  expect(contrast(p.idle, p.land)).toBeGreaterThanOrEqual(3)
})

test.each(['light', 'dark'] as const)('no layer of the %s map uses a strong red, orange, yellow or blue, which are kept for warnings', (theme) => {
  for (const [kind, colour] of Object.entries(palettes[theme].kinds)) {
    const { hue, saturation } = hueOf(colour)
    const warning = hue < 65 || (hue > 195 && hue < 260) || hue > 340
    expect(warning && saturation > 0.55, `${kind} ${colour} hue ${hue.toFixed(0)}`).toBe(false)
  }
})

test.each(['light', 'dark'] as const)('shelters of the %s map are green', (theme) => {
  const { hue } = hueOf(palettes[theme].kinds.shelter)
  expect(hue).toBeGreaterThan(120)
  expect(hue).toBeLessThan(165)
})
