import { expect, test } from 'vitest'
import { creditOf, offer } from '../src/map/ground'

test('without a base map on the server nothing is offered', () => {
  expect(offer({ vector: false, raster: null })).toEqual([])
})

test('tiles that the operator named come first, high contrast is there wherever the vector map is', () => {
  const raster = { template: 'https://t0.tiles.test/{z}/{x}/{y}' }
  expect(offer({ vector: true, raster: null })).toEqual(['theme', 'contrast'])
  expect(offer({ vector: false, raster })).toEqual(['raster'])
  expect(offer({ vector: true, raster })).toEqual(['raster', 'theme', 'contrast'])
})

test('the approval of another server\'s tiles is not claimed for the vector map, and whose data that is stays told', () => {
  const map = { approval_number: 'GS', source: 'A', data_date: '2026', vector: true, vector_source: 'OSM', vector_date: null, raster: { template: 't' } }
  expect(creditOf(map, 'raster')).toEqual({ approval: 'GS', sources: ['A', '2026'] })
  expect(creditOf(map, 'theme')).toEqual({ approval: null, sources: ['OSM', null] })
  expect(creditOf({ ...map, raster: null }, 'contrast')).toEqual({ approval: 'GS', sources: ['OSM', null, 'A', '2026'] })
})
