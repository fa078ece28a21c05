// Colours of the map per theme. Green is for shelters; red, orange, yellow and blue are kept for warnings,
// and a closed road is one.
import type { Kind } from '../api/schema'
import type { Theme } from '../design/theme'

export interface Palette {
  outside: string
  land: string
  landOther: string
  border: string
  districtBorder: string
  graticule: string
  label: string
  halo: string
  ink: string
  paper: string
  idle: string
  gap: string
  ray: string
  closed: string
  route: string
  routeCase: string
  /** From the farthest reach to the nearest: one hue, told apart by lightness, so that no colour sense is needed. */
  reach: readonly [far: string, middle: string, near: string]
  kinds: Record<Kind, string>
}

export const palettes: Record<Theme, Palette> = {
  light: {
    outside: '#dde4e0',
    land: '#f6f8f5',
    landOther: '#eef2ee',
    border: '#9aa8a1',
    districtBorder: '#46554e',
    graticule: '#c8d2cc',
    label: '#3d4b44',
    halo: '#ffffff',
    ink: '#14201b',
    paper: '#ffffff',
    idle: '#76837c',
    gap: '#8b2a6b',
    ray: '#14201b',
    closed: '#c8102e',
    route: '#0b5d66',
    routeCase: '#ffffff',
    reach: ['#cdbbe3', '#8b68b8', '#43246f'],
    kinds: { shelter: '#0b7a4b', warehouse: '#6b4a35', storage_point: '#7b4d92', team: '#0d6c74', site: '#565d59' },
  },
  dark: {
    outside: '#0a0f0d',
    land: '#18211d',
    landOther: '#1c2722',
    border: '#3f4f48',
    districtBorder: '#8ea39a',
    graticule: '#22302a',
    label: '#a9bbb2',
    halo: '#0b110f',
    ink: '#e4ede9',
    paper: '#0f1613',
    idle: '#84938c',
    gap: '#dd7fbd',
    ray: '#e4ede9',
    closed: '#ff5a6e',
    route: '#6fe0ea',
    routeCase: '#0b110f',
    reach: ['#4a3568', '#8f6fc0', '#d9c4f5'],
    kinds: { shelter: '#4fd08f', warehouse: '#c3a28a', storage_point: '#c6a0da', team: '#4fc3c6', site: '#b1bbb6' },
  },
}
