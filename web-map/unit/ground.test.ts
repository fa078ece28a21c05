import { expect, test } from 'vitest'
import { offer } from '../src/map/ground'

test('without a base map on the server nothing is offered', () => {
  expect(offer({ vector: false, raster: null })).toEqual([])
})

test('tiles that the operator named come first, high contrast is there wherever the vector map is', () => {
  const raster = { template: 'https://t0.tiles.test/{z}/{x}/{y}' }
  expect(offer({ vector: true, raster: null })).toEqual(['theme', 'contrast'])
  expect(offer({ vector: false, raster })).toEqual(['raster'])
  expect(offer({ vector: true, raster })).toEqual(['raster', 'theme', 'contrast'])
})
