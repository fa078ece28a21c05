// Links that open a navigation app at a place, each in the datum that the app's map is drawn in.
//
// Why: a WGS84 position in an app that draws GCJ-02 lands some 500 m off, a whole service radius. The shifted positions
// come from the server (`positions`); nothing is shifted here.
// Invariant: Amap and Tencent get GCJ-02, Baidu gets BD-09 and says so; links are https and carry no phone number.
import type { LonLat, Positions } from '../api/schema'

export interface Destination {
  name: string
  positions: Positions
}

const digits = (degrees: number): string => degrees.toFixed(6)

/** Amap takes `longitude,latitude,name` in GCJ-02; `coordinate=gaode` says so. */
export function amapLink({ name, positions }: Destination): string {
  const [lon, lat] = positions.gcj02
  const query = new URLSearchParams({
    to: `${digits(lon)},${digits(lat)},${name.replaceAll(',', ' ')}`, mode: 'walk', coordinate: 'gaode', src: 'bihu', callnative: '1',
  })
  return `https://uri.amap.com/navigation?${query}`
}

/**
 * Baidu takes `latlng:latitude,longitude|name:…` for both ends, the start being required; `coord_type=bd09ll` keeps it from
 * shifting the positions again.
 */
export function baiduLink({ name, positions }: Destination, origin: Positions): string {
  const end = ([lon, lat]: LonLat, label: string) => `latlng:${digits(lat)},${digits(lon)}|name:${label.replaceAll('|', ' ')}`
  const query = new URLSearchParams({
    origin: end(origin.bd09, 'bihu'), destination: end(positions.bd09, name), mode: 'walking', coord_type: 'bd09ll', output: 'html', src: 'bihu',
  })
  return `https://api.map.baidu.com/direction?${query}`
}

/** Tencent takes `latitude,longitude` in GCJ-02. */
export function tencentLink({ name, positions }: Destination): string {
  const [lon, lat] = positions.gcj02
  const query = new URLSearchParams({ type: 'walk', to: name, tocoord: `${digits(lat)},${digits(lon)}`, policy: '0', referer: 'bihu' })
  return `https://apis.map.qq.com/uri/v1/routeplan?${query}`
}
