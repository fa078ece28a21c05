// Colours of bands of reach: one hue from far to near, in as many steps as there are bands.
//
// Invariant: a nearer band is always farther from the land's lightness than a farther one, so that order needs no colour sense.
import type { Palette } from './palette'

function mix(a: string, b: string, share: number): string {
  const part = (hex: string, i: number) => parseInt(hex.slice(i, i + 2), 16)
  return `#${[1, 3, 5].map((i) => Math.round(part(a, i) * (1 - share) + part(b, i) * share).toString(16).padStart(2, '0')).join('')}`
}

/** Returns the colours of `n` bands, the farthest first. One band alone has the middle colour. */
export function bandColours({ reach: [far, middle, near] }: Pick<Palette, 'reach'>, n: number): string[] {
  return Array.from({ length: n }, (_, i) => {
    const at = n === 1 ? 0.5 : i / (n - 1)
    return at <= 0.5 ? mix(far, middle, at * 2) : mix(middle, near, at * 2 - 1)
  })
}
