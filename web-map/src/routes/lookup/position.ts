// The device's own position, with every way it can fail as a value.
import type { LonLat } from '../../api/schema'

export type Located = { at: LonLat; accuracy_m: number } | { failed: 'denied' | 'absent' | 'failed' }

const WAIT_MS = 12_000
const OLDEST_MS = 60_000

/** Asks the device for its position (WGS84) once; one kept from before may be `oldest_ms` old. Never rejects. */
export function locate(oldest_ms = OLDEST_MS): Promise<Located> {
  if (!('geolocation' in navigator) || !window.isSecureContext) return Promise.resolve({ failed: 'absent' })
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ at: [coords.longitude, coords.latitude], accuracy_m: coords.accuracy }),
      (error) => resolve({ failed: error.code === error.PERMISSION_DENIED ? 'denied' : 'failed' }),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: oldest_ms },
    )
  })
}
